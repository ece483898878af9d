from __future__ import annotations

import pytest
from scapy.layers.dns import DNS

from scapy_server.packet.edits.edited import EditedFrame
from scapy_server.packet.edits.lengths import Lengths
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry


def message(rdlen: int) -> bytes:
    """One answer with a text of two bytes."""
    return bytes.fromhex("0001840000000001 00000000" + "0161 00 0010 0001 0000003c") + bytes(
        [0, rdlen, 2, 104, 105]
    )


@pytest.mark.parametrize(("rdlen", "after"), [(3, 5), (2, 2)])
def test_only_a_length_that_was_right_follows(rdlen: int, after: int, registry: Registry) -> None:
    data = message(rdlen)
    frame = EditedFrame(data, trace_chain(DNS, data)[:1], ["DNS"])
    layer = frame.layers[0]
    record = layer.packet.an[0]
    seen = layer.sightings.packets[id(record)]
    lengths = Lengths(frame, layer, seen, registry)
    lengths.look("rdata")
    text = seen.fields[-1]
    record.rdata = [b"hiya"]
    frame.splice(layer, text.bit_offset // 8, text.bit_length // 8, b"\x04hiya", (text, seen.place))
    lengths.follow(2)
    assert frame.data[23:25] == bytes([0, after])
