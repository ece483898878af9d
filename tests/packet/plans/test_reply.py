from __future__ import annotations

import base64

import msgspec
import pytest

from scapy_server.packet.plans.reply import cut
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult


def field(name: str, value: int | str) -> FieldResult:
    return FieldResult(name, value, f"<{value}>", 0, 1, 0, 8)


def packet(first: int | str, second: int | str, frame: bytes) -> PacketResult:
    fields = [field("a", first), field("b", "same"), field("c", second)]
    layers = [
        LayerResult("X", "X", 0, "X", True, fields),
        LayerResult("Y", "Y", 3, None, False, []),
    ]
    return PacketResult(layers, base64.b64encode(frame).decode())


def shown(value: int | str) -> tuple[bytes, bytes]:
    return msgspec.json.encode(value), msgspec.json.encode(f"<{value}>")


@pytest.mark.parametrize("value", [7, "x", '"', "\0", ',"hvalue":'])
def test_a_reply_that_was_cut_is_joined_with_other_values(value: int | str) -> None:
    reply = cut(packet(1, 2, b"one"), {(0, "a"): 1, (0, "c"): 0})
    joined = reply.join([*shown("last"), *shown(value)], bytearray(b"other"))
    assert joined == msgspec.json.encode(packet(value, "last", b"other"))


def test_nothing_in_a_packet_is_taken_for_a_cut() -> None:
    reply = cut(packet("\0", 2, b"one"), {(0, "c"): 0})
    joined = reply.join([*shown(2)], bytearray(b"one"))
    assert joined == msgspec.json.encode(packet("\0", 2, b"one"))


def test_only_the_frame_differs() -> None:
    reply = cut(packet(1, 2, b"one"), {})
    assert reply.join([], bytearray(b"two")) == msgspec.json.encode(packet(1, 2, b"two"))
