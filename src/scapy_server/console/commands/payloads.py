"""`payloads`: what may follow."""

from __future__ import annotations

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.seat import Seat
from scapy_server.wording import printable


def payloads(seat: Seat, argument: str) -> Answer:
    """The layers that may follow the last one."""
    model = [{"id": layer["id"]} for layer in seat.session.packet.layers]
    offered = seat.wire.ask(Calls.get_payload_classes(model))
    return Said("\n".join(map(printable, offered)), offered)


COMMAND = Command("payloads", payloads, "List the layers that may follow the last one.")
