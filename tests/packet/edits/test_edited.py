from __future__ import annotations

import pytest
from scapy.layers.l2 import Ether

from scapy_server.packet.edits.edited import EditedFrame
from scapy_server.packet.frames.tracer import trace_chain

pytestmark = pytest.mark.usefixtures("registry")

FRAME = bytes.fromhex(
    "0200000000020200000000010800 4500001c00010000401162d0c0000201c0000202"
    "9c40003500080000" + "00" * 18
)


def edited() -> EditedFrame:
    chain = trace_chain(Ether, FRAME)
    return EditedFrame(FRAME, chain, [type(traced.packet).__name__ for traced in chain])


def test_what_follows_a_splice_moves() -> None:
    frame = edited()
    ip, udp, padding = frame.layers[1:4]
    source = ip.places[-3]
    frame.splice(ip, source.bit_offset // 8, 4, b"abcdef", (source,))
    assert (ip.start, ip.end, udp.start, padding.start) == (14, 36, 36, 44)
    assert source.bit_length == 48 and ip.places[-2].bit_offset == 18 * 8
    assert frame.bytes_of(ip, source) == b"abcdef"


def test_bits_are_written_without_their_neighbours() -> None:
    frame = edited()
    version = frame.layers[1].places[0]
    frame.write_bits(frame.layers[1], version, 0xF6)
    assert frame.data[14] == 0x65 and frame.data[:14] == FRAME[:14]


def test_padding_is_outside_of_the_layer_that_left_it_over() -> None:
    frame = edited()
    assert [frame.content_end(layer) for layer in frame.layers[:3]] == [60, 42, 42]


def test_what_is_cut_takes_the_padding_behind_it_along() -> None:
    frame = edited()
    frame.cut(2)
    assert bytes(frame.data) == FRAME[:34] and len(frame.layers) == 2
    frame.cut(2)
    assert len(frame.layers) == 2
    frame.cut(0)
    assert not frame.data and not frame.layers
