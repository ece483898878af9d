"""Packets for tests of what is shown of them, built by the real service."""

from __future__ import annotations

from functools import cache
from typing import Any

from scapy_server.desk.editing import built, dissected
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Question, answered
from tests.desk.asking import service

MODEL: list[dict[str, Any]] = [
    {"id": "Ether"},
    {"id": "IP", "fields": [{"id": "src", "value": "192.0.2.1"}]},
    {"id": "UDP", "fields": [{"id": "sport", "value": 9}, {"id": "dport", "value": 9}]},
    {"id": "Raw", "fields": [{"id": "load", "value": "abc"}]},
]


def _answer(question: Question) -> Any:
    return getattr(service(), question.method)(*question.params)


@cache
def built_packet() -> Packet:
    """Ether, IP, UDP and three bytes."""
    return answered(built(MODEL), _answer)


@cache
def dissected_packet() -> Packet:
    """The same, as a capture has it."""
    return answered(dissected(built_packet().frame), _answer)
