"""The 16 bytes at the end of a latency packet: which flow, which number, and when it was sent.

Little-endian: magic (1 byte), generation of the flow (1), flow (2), sequence (4), time (8).
The time is in nanoseconds of the port's clock.

Source: docs/ports.md, "Latency".
"""

from __future__ import annotations

import struct
from typing import NamedTuple

MAGIC = 0xAB
BYTES = 16
#: No generation has this number: a receiver that has seen none expects it.
NO_GENERATION = 1
#: So that counting wraps early, where tests see it.
FIRST_SEQUENCE = 0xFFFFFFFE
_LAYOUT = struct.Struct("<BBHIQ")
_PLAUSIBLE = 4_000_000_000  # nanoseconds between sending and receiving


class Stamp(NamedTuple):
    """What a latency packet says of itself."""

    generation: int
    flow: int
    sequence: int
    sent: int


def written(stamp: Stamp) -> bytes:
    """The bytes of a stamp."""
    return _LAYOUT.pack(MAGIC, *stamp)


def read(frame: bytes, flows: int, now: int) -> Stamp | None:
    """The stamp of a frame that arrives now; None if it has none that could be ours."""
    if len(frame) < BYTES or frame[-BYTES] != MAGIC:
        return None
    _, *rest = _LAYOUT.unpack(frame[-BYTES:])
    stamp = Stamp(*rest)
    if stamp.flow >= flows or abs(now - stamp.sent) > _PLAUSIBLE:
        return None
    return stamp


def next_generation(generation: int) -> int:
    """The generation after one, never the one that stands for none."""
    following = generation + 1 & 0xFF
    return following + 1 if following == NO_GENERATION else following
