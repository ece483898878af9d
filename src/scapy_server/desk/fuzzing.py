"""Random bits for some of a dissected packet's fields, wherever they lie."""

from __future__ import annotations

import random
from collections.abc import Sequence

from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import JsonObject

#: One field in so many becomes another, and at least one of each packet.
_ONE_IN = 8


def fuzzed(frame: bytes, layers: Sequence[JsonObject], generator: random.Random) -> bytes:
    """The frame with random bits in some of the fields of its tree, as long as it was.

    `generator` decides which and what: the same state gives the same bytes.
    """
    rows = [
        row
        for row in field_rows(layers)
        if row.has_value and row.bit_length and row.bit_offset is not None
        if row.bit_offset + row.bit_length <= 8 * len(frame) and not row.field.get("unplaced")
    ]
    if not rows:
        return frame
    number = int.from_bytes(frame, "big")
    for row in generator.sample(rows, -(-len(rows) // _ONE_IN)):
        assert row.bit_offset is not None
        shift = 8 * len(frame) - row.bit_offset - row.bit_length
        mask = (1 << row.bit_length) - 1 << shift
        number = number & ~mask | generator.getrandbits(row.bit_length) << shift
    return number.to_bytes(len(frame), "big")
