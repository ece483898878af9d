"""Payload bytes made on request: reproducible random ones and repeated patterns.

Byte k of a random payload is `start + int(random() * n)` of the Mersenne Twister that
CPython seeds the way it did in version 1 of `random.seed`, so that a seed gives the
same payload as it always did for clients of the RPC.
"""

from __future__ import annotations

import random

from scapy_server.packet.models.model import PatternBytes, RandomBytes

_ANY_BYTE = (0, 256)
_PRINTABLE = (0x20, 95)


def random_bytes(spec: RandomBytes, size: int) -> bytes:
    """`size` reproducible bytes for the seed."""
    start, count = _PRINTABLE if spec.ascii else _ANY_BYTE
    generator = random.Random()
    generator.seed(spec.seed, version=1)
    draw = generator.random
    return bytes([start + int(draw() * count) for _ in range(size)])


def pattern_bytes(spec: PatternBytes, size: int | None) -> bytes:
    """The pattern repeated and cut to `size`; itself without a size; b"" of an empty one."""
    pattern = spec.pattern
    if size is None or not pattern:
        return pattern
    return (pattern * (size // len(pattern) + 1))[:size]
