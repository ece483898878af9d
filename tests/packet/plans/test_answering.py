from __future__ import annotations

import base64

import msgspec
import pytest
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.answering import PacketBuilder
from tests.packet.plans.shapes import few_shapes

FRAME = base64.b64decode("AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA")


def test_what_is_deleted_may_be_called_anything(registry: Registry) -> None:
    builder = PacketBuilder(PacketCodec(registry))
    changes = [{"id": "Ether"}, {"id": "no such layer", "delete": True}]
    result = msgspec.json.decode(builder.reconstruct(FRAME, changes).json)
    assert base64.b64decode(result["binary"]) == FRAME[:14]
    with pytest.raises(RefusedError, match="there is no layer 'no such layer'"):
        builder.reconstruct(FRAME, [{"id": "Ether"}, {"id": "no such layer"}])
    with pytest.raises(RefusedError, match="there is no layer 'no such layer'"):
        builder.build(changes)


class _Counting(PacketCodec):
    """Counts the frames that are read the long way."""

    traced = 0

    def trace(self, frame: bytes, link_type: int) -> list[TracedLayer]:
        self.traced += 1
        return super().trace(frame, link_type)


def test_frames_that_are_read_are_planned(registry: Registry) -> None:
    counting, codec = _Counting(registry), PacketCodec(registry)
    builder = PacketBuilder(counting)
    for frame in few_shapes(200):
        assert builder.dissect(frame, 1).json == msgspec.json.encode(codec.dissect(frame))
    assert counting.traced < 15
    lines = 0
    for frame in few_shapes(200):
        lines += builder.plans.summarised(frame) is not None
        assert builder.summarise(frame, 1).json == msgspec.json.encode(codec.summarise(frame))
    assert lines > 140


def test_frames_of_any_link_type_are_planned(registry: Registry) -> None:
    counting = _Counting(registry)
    builder = PacketBuilder(counting)
    for frame in few_shapes(40)[0::4]:
        answer = builder.dissect(frame[14:], 101)
        assert answer.json == msgspec.json.encode(PacketCodec(registry).dissect(frame[14:], 101))
    assert counting.traced < 4


def test_a_line_that_depends_on_more_than_fields_is_not_planned(registry: Registry) -> None:
    builder, codec = PacketBuilder(PacketCodec(registry)), PacketCodec(registry)
    frame = bytes(Ether() / IP() / UDP(sport=53) / DNS(qd=[DNSQR(qname="example.com")]))
    other = frame.replace(b"example", b"exomple")
    for tried in (frame, other) * 3:
        assert builder.summarise(tried, 1).json == msgspec.json.encode(codec.summarise(tried))


def test_a_frame_with_a_problem_is_not_planned(registry: Registry) -> None:
    builder = PacketBuilder(PacketCodec(registry))
    for _ in range(4):
        dissected = builder.dissect(b"abc", 1)
        assert dissected.problem == "a frame of 3 bytes cannot be read as Ether"
        assert dissected.learned is None
        assert builder.summarise(b"abc", 1).problem is not None


def test_frames_that_no_plan_shows_are_remembered(registry: Registry) -> None:
    """With what is wrong with them, whatever their link type, and as equal answers."""
    builder = PacketBuilder(PacketCodec(registry))
    for frame, link_type in ((b"abc", 1), (FRAME[14:], 101), (FRAME, 1)):
        for read in (builder.dissect, builder.summarise):
            first, second = (read(frame, link_type) for _ in range(2))
            assert first._replace(learned=None) == second._replace(learned=None)


def test_equal_frames_are_as_much_work(registry: Registry) -> None:
    """Whether they are read the long way, remembered or planned."""
    codec = PacketCodec(registry)
    planned = PacketBuilder(codec)
    frames = few_shapes(40)
    for frame in frames * 2:
        planned.dissect(frame, 1)
    for frame in frames:
        fresh = PacketBuilder(codec)
        for read, again in (
            (fresh.dissect, planned.dissect),
            (fresh.summarise, planned.summarise),
        ):
            first = read(frame, 1)
            assert first.work > 4
            assert again(frame, 1)[:2] == first[:2]
            assert again(frame, 1).work == read(frame, 1).work == first.work


def test_a_captured_frame_with_a_problem_is_told_of_once_it_was_edited(registry: Registry) -> None:
    """A plan for edits without changes would have it within what is shown of the frame."""
    builder = PacketBuilder(PacketCodec(registry))
    records = Raw(b"\0\0\1\0" + b"\xff" * 8 + b"\0\0\1\0\1" * 2000)
    frame = bytes(Ether() / IP() / UDP(sport=53, dport=53) / records)
    for _ in range(3):
        builder.reconstruct(frame, [])
    dissected = builder.dissect(frame, 1)
    assert "cannot be read as DNS" in str(dissected.problem)
    assert b'"problem"' not in dissected.json


def test_what_comes_once_is_seldom_tried_to_be_planned(registry: Registry) -> None:
    """Plans are a small part of what is read the long way, until they are of use."""
    builder = PacketBuilder(PacketCodec(registry))
    wanted = [builder.plans.wants_rewrite(bytes(20 + number % 40), []) for number in range(2000)]
    assert 20 < sum(wanted) < 2000 / 40
