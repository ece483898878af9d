"""Plans: packets of a known shape are patched instead of built.

A script that builds streams sends the same *shape* again and again: the same layers
with the same fields given, and only their values differ. A plan remembers all that
depends on the shape alone: the frame's bytes, and the reply with its field tree, cut
into pieces around what can differ. A later packet of the shape is made by

1. reading each given value (`Slot`): strictly, and giving up on whatever is not plain,
2. writing it over its bytes in a copy of the frame,
3. computing the checksums again, inner ones first (`Checksum`),
4. joining the pieces of the reply with the new values between them (`Reply`).

Frames that are sent to be changed (`Rewrite`) work alike: the bytes that steer the
dissection select the plan, and all other fields are shown from the frame itself.

Values that steer anything besides their own bytes (a length, a protocol number, a port
that selects the payload's dissector) belong to the shape: another value is another
plan. What may be patched is found out by planners, which watch a packet being built;
plans and what they hold (`slots`, `checksums`, `rewriting`) are plain data and arithmetic,
without Scapy, so that a process that runs no packet code can answer from them.

Whenever anything is not understood the answer is None, and the packet is built the
long way. Both ways give the same reply, byte for byte, and tests hold them to it.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec

from scapy_server.packet.plans.checksums import Checksum
from scapy_server.packet.plans.slots import Slot

#: What a plan takes besides its bytes, and each thing shown.
OVERHEAD, SHOWN_OVERHEAD = 1024, 512


def with_room(pieces: Sequence[bytes]) -> list[bytes]:
    """The pieces with an empty one between any two, for what stands there."""
    parts = [b""] * (2 * len(pieces) - 1)
    parts[::2] = pieces
    return parts


class Reply(msgspec.Struct, frozen=True, dict=True):
    """The JSON of a result, cut where packets of a shape differ.

    Between the pieces stand a field's value, then its hvalue, of each of the `holes`, which
    says which of the things shown; and between the last two the packet in base64.
    """

    pieces: tuple[bytes, ...]
    holes: tuple[int, ...]

    @property
    def size(self) -> int:
        """What it takes, in bytes."""
        return sum(map(len, self.pieces)) + SHOWN_OVERHEAD * len(self.holes)

    @cached_property
    def _parts(self) -> list[bytes]:
        return with_room(self.pieces)

    @cached_property
    def _between(self) -> Callable[[list[bytes]], Iterable[bytes]]:
        """Takes what stands between the pieces from the texts in a row, the last is the packet."""
        if not self.holes:
            return itemgetter(slice(-1, None))
        return itemgetter(*(2 * hole + part for hole in self.holes for part in (0, 1)), -1)

    def join(self, shown: list[bytes], frame: bytearray) -> bytes:
        """The whole JSON; `shown` has value and hvalue of all things shown in a row."""
        texts = [*shown, binascii.b2a_base64(frame, newline=False)]
        parts = self._parts.copy()
        parts[1::2] = self._between(texts)
        return b"".join(parts)


class Plan(msgspec.Struct, frozen=True, tag="plan"):
    """How packets of one shape are built.

    `slots` are the given values that may differ, each with its position among all given
    values; the reply shows the slots first and then the checksums.
    """

    frame: bytes
    slots: tuple[tuple[int, Slot], ...]
    checksums: tuple[Checksum, ...]
    reply: Reply

    @property
    def size(self) -> int:
        """What it takes, in bytes."""
        return OVERHEAD + len(self.frame) + self.reply.size

    def result(self, given: list[Any]) -> bytes | None:
        """The JSON of the result for these given values; None if one is not plain."""
        frame = bytearray(self.frame)
        shown: list[bytes] = []
        try:
            for position, slot in self.slots:
                shown += slot.write(frame, given[position])
            for checksum in self.checksums:
                shown += checksum.fill(frame)
            return self.reply.join(shown, frame)
        except Exception:  # whatever it is: the long way knows what to say of the value
            return None
