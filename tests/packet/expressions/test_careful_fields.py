"""Fields that are written as what they mean where that has their bytes, and else as these."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dns import DNS
from scapy.packet import Packet

from scapy_server.packet.expressions.careful_fields import CarefulFields
from scapy_server.packet.expressions.meaning import InexpressibleError, Written, constant
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry

#: A response whose record has the name of the question, compressed.
MESSAGE = bytes.fromhex(
    "00008100000100010000000001610162000001 0001c00c000100010000003c0004 01020304"
)


@pytest.fixture
def record(registry: Registry) -> Packet:
    (answer,) = trace_chain(DNS, MESSAGE)[0].packet.an
    assert isinstance(answer, Packet)
    return answer


def literal(value: Any) -> Written:
    return constant(repr(value), value)


@pytest.mark.parametrize(
    ("name", "text"),
    [("ttl", "60"), ("rdata", "'1.2.3.4'"), ("rrname", r"RawVal(b'\xc0\x0c')")],
)
def test_a_field_is_a_value_or_its_bytes(
    registry: Registry, record: Packet, name: str, text: str
) -> None:
    fields = CarefulFields(record, registry)
    assert fields.write(name, fields.values[name], literal).text == text


def test_what_was_forgotten_is_read_again(registry: Registry, record: Packet) -> None:
    assert "rdlen" not in record.fields
    assert CarefulFields(record, registry).values["rdlen"] == 4


def test_what_nothing_writes_is_its_bytes(registry: Registry, record: Packet) -> None:
    def refuse(value: Any) -> Written:
        raise InexpressibleError(type(value).__name__)

    assert (
        CarefulFields(record, registry).write("ttl", 60, refuse).text == r"RawVal(b'\x00\x00\x00<')"
    )
