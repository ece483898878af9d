"""Layers that are read with nothing around them but the class of the one below."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from scapy.fields import ByteField, ConditionalField
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.lone_layer import read_alone, show_alone
from scapy_server.packet.plans.layers.planned_layer import Given, ShownLayer
from scapy_server.packet.plans.layers.stand_in import Below, Untold


class _Plain(Packet):
    fields_desc: ClassVar[Any] = [ByteField("size", 0)]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        return s[: self.size], s[self.size :]

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        self.fields["size"] = 9
        return Raw


def _is_on_port_9(packet: Any) -> bool:
    return bool(packet.underlayer.sport == 9)


class _LooksBelow(_Plain):
    fields_desc: ClassVar[Any] = [
        ByteField("size", 0),
        ConditionalField(ByteField("a", 0), _is_on_port_9),
    ]


class _LooksBelowAndGoesOn(_Plain):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        try:
            return s[: int(_is_on_port_9(self))], b""
        except BaseException:
            return s, b""


class _LooksBelowWhenShown(_Plain):
    class _Number(ByteField):
        def i2repr(self, pkt: Any, x: Any) -> str:
            return str(pkt.underlayer.sport)

    fields_desc: ClassVar[Any] = [_Number("size", 0)]


class _Turns(_Plain):
    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        return s[::-1], b""


def shown(cls: type[Packet], frame: bytes, start: int, registry: Registry) -> ShownLayer:
    given = Given(cls, frame, start, len(frame))
    return show_alone(read_alone(given, Below(UDP), registry), given, registry)


def test_a_layer_says_where_it_ends_what_it_carries_and_who_reads_that(registry: Registry) -> None:
    layer = shown(_Plain, b"..\x02abcd", 2, registry)
    assert (layer.stop, layer.payload_size) == (3, 2)
    assert layer.payload_class(b"ab") is Raw
    assert b'"offset":2' in layer.json and b'"id":"size","value":2' in layer.json
    assert 0 < layer.share < 0.01


def test_what_a_guess_writes_into_its_layer_is_undone(registry: Registry) -> None:
    given = Given(_Plain, b"\x02ab", 0, 3)
    lone = read_alone(given, None, registry)
    show_alone(lone, given, registry).payload_class(b"ab")
    assert lone.traced.packet.fields == {"size": 2}


@pytest.mark.parametrize("lower", [UDP, TCP])
def test_the_class_below_is_told(lower: type[Packet], registry: Registry) -> None:
    """A message of DNS has its length in front of it on TCP."""
    message = bytes(DNS(qd=DNSQR()))
    frame = message if lower is UDP else len(message).to_bytes(2, "big") + message
    lone = read_alone(Given(DNS, frame, 0, len(frame)), Below(lower), registry)
    assert ("length" in lone.traced.packet.fields) == (lower is TCP)


@pytest.mark.parametrize("cls", [_LooksBelow, _LooksBelowAndGoesOn, _LooksBelowWhenShown])
def test_more_of_it_is_not_told(cls: type[Packet], registry: Registry) -> None:
    with pytest.raises(Untold):
        shown(cls, b"\x02abcd", 0, registry)


@pytest.mark.parametrize(("port", "fields"), [(9, {"size": 1, "a": 7}), (10, {"size": 1})])
def test_fields_below_are_told_by_who_knows_them(
    port: int, fields: dict[str, int], registry: Registry
) -> None:
    lower = Below(UDP, {"sport": port}.__getitem__)
    lone = read_alone(Given(_LooksBelow, b"\x01\x07x", 0, 3), lower, registry)
    assert {name: value for name, value in lone.traced.packet.fields.items() if value} == fields


def test_a_layer_that_may_write_into_itself_tells_nothing(registry: Registry) -> None:
    assert shown(_Plain, b"\x02ab", 0, registry).told is None
    datagram = bytes(UDP(sport=9)) + b"ab"
    told = shown(UDP, datagram, 0, registry).told
    assert told is not None and told("sport") == 9


def test_a_layer_whose_payload_stands_elsewhere_is_not_read(registry: Registry) -> None:
    with pytest.raises(ValueError):
        shown(_Turns, b"\x02abcd", 0, registry)
