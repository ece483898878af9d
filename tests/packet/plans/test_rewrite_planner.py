"""Plans of changes against the long way: the same reply, byte for byte, errors included."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.answering import PacketBuilder
from tests.packet.plans.shapes import (
    FIELDS,
    Layers,
    model_of,
    outcome,
    shapes,
)


@st.composite
def frames_and_changes(draw: st.DrawFn) -> tuple[list[tuple[int, bytes]], list[Any]]:
    """Changes of one shape, and for each a frame's length choice and noise to lay over it."""
    shape = draw(shapes())
    changes = [
        model_of(
            [
                (name, {field: draw(st.sampled_from(FIELDS[name][field])) for field in fields[:1]})
                for name, fields in shape
            ]
        )
        for _ in range(5)
    ]
    noise = draw(
        st.lists(st.tuples(st.integers(0, 80), st.binary(max_size=3)), min_size=5, max_size=5)
    )
    return noise, changes


@pytest.mark.sweep
@given(drawn=frames_and_changes(), trailing=st.sampled_from([b"", b"\0" * 8, b"FCS!"]))
def test_both_ways_change_a_frame_alike(
    codec: PacketCodec, drawn: tuple[list[tuple[int, bytes]], list[Any]], trailing: bytes
) -> None:
    noise, changes = drawn
    builder = PacketBuilder(codec)
    bare = [{"id": layer["id"]} for layer in changes[0]]
    frame = codec.place(parse_model(bare, codec.registry)).frame + trailing
    frames = [frame, frame, frame]
    frames += [frame[:at] + over + frame[at + len(over) :] for at, over in noise]
    for number, changed in enumerate(frames):
        models: list[list[Any]] = [changes[number % 5], []]
        for model in models:
            fast = outcome(lambda m, f=changed: builder.reconstruct(f, m).json, model)
            slow = outcome(lambda m, f=changed: builder.reconstruct_long(f, m), model)
            assert fast == slow


def test_a_class_that_chooses_its_payload_by_code_is_not_patched(codec: PacketCodec) -> None:
    """Bindings alone say nothing of next header 58: IPv6 looks for ICMPv6 itself."""
    builder = PacketBuilder(codec)
    asked: list[Any] = [{"id": "Ether"}, {"id": "IPv6"}, {"id": "ICMPv6EchoRequest"}]
    echo = codec.place(parse_model(asked, codec.registry)).frame
    other = echo[:20] + b"\x01" + echo[21:]
    for frame in (other, other, echo, echo):
        assert builder.reconstruct(frame, []).json == builder.reconstruct_long(frame, [])


def test_frames_of_a_known_structure_are_patched(codec: PacketCodec) -> None:
    builder = PacketBuilder(codec)

    def frame(port: int, ttl: int) -> bytes:
        fields: Layers = [("Ether", {}), ("IP", {"ttl": ttl}), ("TCP", {"sport": port})]
        return codec.place(parse_model(model_of(fields), codec.registry)).frame

    changes = model_of([("Ether", {}), ("IP", {"ttl": 9}), ("TCP", {"dport": 99})])
    for port in (1024, 1025):
        builder.reconstruct(frame(port, 5), changes)
    other = model_of([("Ether", {}), ("IP", {"ttl": 10}), ("TCP", {"dport": 100})])
    assert builder.plans.rewritten(frame(7, 77), other) is not None
    deleting: list[Any] = [{"id": "Ether"}, {"id": "IP", "delete": True}]
    for _ in range(3):
        builder.reconstruct(frame(7, 77), deleting)
    assert builder.plans.rewritten(frame(7, 77), deleting) is None
