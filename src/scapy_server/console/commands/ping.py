"""`ping`: is the server there?

Source: the first version of the RPC document, "TRex Console".
"""

from __future__ import annotations

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat


def ping(seat: Seat, argument: str) -> Answer:
    """Ask the server for an empty answer, with the documented words."""
    seat.say("-> Pinging RPC server")
    return Said("[SUCCESS]", seat.wire.send("ping", None), "green")


COMMAND = Command("ping", ping, "Ask whether the server is there.")
