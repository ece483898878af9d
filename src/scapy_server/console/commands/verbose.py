"""`verbose`: what goes over the wire.

Source: the first version of the RPC document, "TRex Console".
"""

from __future__ import annotations

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError


def verbose(seat: Seat, argument: str) -> Answer:
    """Show the messages on the wire from now on, or no more."""
    if argument not in ("on", "off"):
        raise DeskError("write verbose on, or verbose off")
    shown = seat.out.message_aside if seat.as_json else seat.out.message
    seat.wire.observer = shown if argument == "on" else None
    return Said(f"verbose set to {argument}", {"verbose": argument == "on"})


COMMAND = Command(
    "verbose",
    verbose,
    "Show each request and reply as it goes over the wire, or no more.",
    "on|off",
    complete=("on", "off"),
)
