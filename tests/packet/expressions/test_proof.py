"""What is said to be made again by a text of its fields, without making it, is."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from scapy import fields as sf
from scapy.contrib.ikev2 import IKEv2_Proposal, IKEv2_SA, IKEv2_Transform
from scapy.layers.dns import DNSQR
from scapy.packet import NoPayload, Packet, Raw, bind_layers

from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.expressions.proof import Made, Proof
from scapy_server.packet.expressions.writing import expression_of
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from tests.packet import corpus


class _Record(Packet):
    """A length that is computed where it is not given, and what is there only at times."""

    fields_desc: ClassVar[Any] = [
        sf.FieldLenField("size", None, length_of="load", fmt="B"),
        sf.ConditionalField(sf.ShortField("more", 0), lambda packet: packet.size > 2),
        sf.StrLenField("load", b"", length_from=lambda packet: packet.size),
    ]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        if self.size is None:
            pkt = struct.pack("!B", len(pkt)) + pkt[1:]
        return pkt + pay


class _LooksBelow(_Record):
    fields_desc: ClassVar[Any] = [
        sf.ConditionalField(sf.ByteField("a", 0), lambda packet: bool(packet.underlayer))
    ]


class _LooksAbove(_Record):
    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        return pkt + bytes(self.payload)


class _BuildsItself(_Record):
    def self_build(self) -> bytes:
        return b"\x00"


class _WritesOther(sf.ByteField):
    def i2m(self, pkt: Any, x: Any) -> int:
        pkt.fields["a"] = 0
        return int(x)


class _FieldOfItsOwn(_Record):
    fields_desc: ClassVar[Any] = [_WritesOther("a", 0)]


class _Pads(_Record):
    fields_desc: ClassVar[Any] = [sf.PadField(sf.ByteField("a", 0), 4)]


class _Ends(_Record):
    fields_desc: ClassVar[Any] = [sf.MayEnd(sf.ByteField("a", 0)), sf.ByteField("b", 0)]


def _read(cls: type[Packet], data: bytes) -> Packet:
    return trace_chain(cls, data)[0].packet


def test_a_record_of_plain_fields_is_made_again(registry: Registry) -> None:
    packet = _read(_Record, b"\x03\x00\x09abc")
    assert Proof(registry).made_again(packet) == Made(b"\x03\x00\x09abc", 1)


def test_with_what_it_carries_and_holds(registry: Registry) -> None:
    transform = bytes(IKEv2_Transform(transform_type=1, transform_id=12))
    sa = _read(IKEv2_SA, bytes(IKEv2_SA(prop=IKEv2_Proposal(trans=IKEv2_Transform(transform)))))
    made = Proof(registry).made_again(sa)
    assert made is not None
    assert made.data == bytes(sa)


@pytest.mark.parametrize(
    "cls",
    [_LooksBelow, _LooksAbove, _BuildsItself, _FieldOfItsOwn, _Pads, DNSQR],
)
def test_of_others_nothing_is_said(cls: type[Packet], registry: Registry) -> None:
    assert Proof(registry).made_again(_read(cls, b"\x01\x00\x00\x00\x01\x00\x01")) is None


def test_nothing_is_said_of_values_that_write_other_bytes(registry: Registry) -> None:
    packet = _read(_Record, b"\x01a")
    packet.fields["load"] = b"b"
    assert Proof(registry).made_again(packet) is None
    packet.fields["load"] = "a"
    assert Proof(registry).made_again(packet) is None


def test_nothing_is_said_where_the_bytes_ended_first(registry: Registry) -> None:
    assert Proof(registry).made_again(_read(_Ends, b"\x01")) is None
    assert Proof(registry).made_again(_read(_Ends, b"\x01\x02")) is None


def test_nothing_is_said_of_what_was_not_read(registry: Registry) -> None:
    assert Proof(registry).made_again(_Record(size=0)) is None


def test_nothing_is_said_of_layers_on_one_of_others(registry: Registry) -> None:
    bind_layers(_Record, _LooksAbove, size=1)
    try:
        packet = _read(_Record, b"\x01a\x01b")
        assert isinstance(packet.payload, _LooksAbove)
        assert Proof(registry).made_again(packet) is None
    finally:
        _Record.payload_guess = []


@pytest.mark.sweep
def test_what_every_frame_holds_is_made_again_as_is_said(registry: Registry) -> None:
    """Compared with what the text makes, of layers alone, in stacks, and captured."""
    seen = 0
    for frames in (corpus.alone, corpus.stacked, corpus.captured):
        for frame in frames(registry):
            try:
                chain = trace_chain(frame.root, frame.data)
            except Exception:
                continue
            for packet in _within([traced.packet for traced in chain]):
                made = Proof(registry).made_again(packet)
                if made is None:
                    continue
                seen += 1
                again: Any = evaluate(expression_of(packet, registry), registry)
                assert again.build() == made.data == packet.build(), (frame.name, packet)
    assert seen > 300


def _within(packets: list[Packet]) -> Iterator[Packet]:
    """The packets that fields hold, and those in their fields."""
    for packet in packets:
        for value in packet.fields.values():
            held = value if isinstance(value, list) else [value]
            inner = [each for each in held if isinstance(each, Packet)]
            yield from (each for each in inner if not isinstance(each, NoPayload | Raw))
            yield from _within(inner)
