"""`append`: layers behind the last one."""

from __future__ import annotations

import re
from typing import Any

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer
from scapy_server.console.command import Command
from scapy_server.console.completers import complete_append
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.typed import from_json


def append(seat: Seat, argument: str) -> Answer:
    """Put layers behind the last one."""
    if not argument:
        raise DeskError("append what? Write append UDP, or append UDP(dport=53)/DNS()")
    _ = seat.session.packet
    added = _layers(seat, argument)
    return seat.edit("append", lambda packet: editing.append_layers(packet, added))


def _layers(seat: Seat, argument: str) -> list[dict[str, Any]]:
    if re.fullmatch(r"[\w.]+", argument):
        return [{"id": argument}]
    if not argument.startswith("["):
        return seat.wire.ask(Calls.read_expression(argument))
    added = from_json(argument)
    if not all(isinstance(layer, dict) for layer in added):
        raise DeskError("a packet model is an array of layers")
    return list(added)


COMMAND = Command(
    "append",
    append,
    "Put layers behind the last one.",
    "LAYER|EXPRESSION|JSON",
    ("append UDP", "append UDP(dport=53)/DNS()"),
    complete_append,
)
