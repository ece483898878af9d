"""`hex`: a packet from its bytes, or the bytes of the packet."""

from __future__ import annotations

from scapy_server.console.answers import Answer, Dump
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.typed import from_hex


def hex_bytes(seat: Seat, argument: str) -> Answer:
    """Dissect bytes, or dump those of the packet at hand."""
    if not argument:
        return Dump(seat.session.packet)
    return seat.begin(seat.ask(editing.dissected(from_hex(argument))), "hex")


COMMAND = Command(
    "hex",
    hex_bytes,
    "Dissect an Ethernet frame given in hexadecimal; alone, dump the bytes of the packet.",
    "[BYTES]",
    ("hex 000000010000 000000020000 9000",),
)
