"""Where literals stand: found by comparing the plans of two packets that differ in them.

All that differs must be the literals themselves, in the frame and in what is shown. Without Scapy.
"""

from __future__ import annotations

import binascii
import re
import socket
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scapy_server.packet.plans.literals import Literal, is_address, runs
from scapy_server.packet.plans.plan import Plan
from scapy_server.packet.plans.rewriting import Rewrite
from scapy_server.packet.plans.varied import Place, Spot, frame_of

_BASE64 = re.compile(rb'"base64":"([A-Za-z0-9+/]*={0,2})"')


class NotFound(Exception):
    """The plans differ in more than the literals."""


class Pair(NamedTuple):
    """A literal, by its number, as it is in the one packet and in the other."""

    number: int
    one: Literal
    other: Literal

    @property
    def texts(self) -> tuple[bytes, bytes]:
        """As they are shown."""
        return str(self.one).encode("ascii"), str(self.other).encode("ascii")

    def encoded(self, width: int) -> tuple[bytes, bytes]:
        """As they stand in a frame, of numbers in so many bytes; raises for what cannot."""
        if isinstance(self.one, int) and isinstance(self.other, int):
            return self.one.to_bytes(width, "big"), self.other.to_bytes(width, "big")
        one, other = (str(literal) for literal in (self.one, self.other))
        if is_address(one):
            return socket.inet_pton(socket.AF_INET, one), socket.inet_pton(socket.AF_INET, other)
        return one.encode("ascii"), other.encode("ascii")

    @property
    def moving(self) -> list[tuple[int, int]]:
        """The ranges of these bytes that say what the literal is."""
        if isinstance(self.other, str) and not is_address(self.other):
            return runs(self.other)  # in a name bytes of length stand between
        return [(0, 8)]


def places_of(
    one: Plan | Rewrite, other: Plan | Rewrite, pairs: Sequence[Pair], width: int
) -> tuple[Place, ...]:
    """Where the literals stand in the other plan, numbers in so many bytes; raises NotFound."""
    if not _are_alike(one, other):
        raise NotFound
    spots: dict[int, list[Spot]] = {pair.number: [] for pair in pairs}
    pieces = zip(one.reply.pieces, other.reply.pieces, strict=True)
    for number, (first, second) in enumerate(pieces):
        if first != second:
            for pair, spot in _spots(number, first, second, pairs):
                spots[pair.number].append(spot)
    starts = _starts(one, other, pairs, width)
    return tuple(
        Place(pair.number, tuple(starts[pair.number]), tuple(spots[pair.number]), width)
        for pair in pairs
    )


def _are_alike(one: Plan | Rewrite, other: Plan | Rewrite) -> bool:
    """Whether the plans do the same with other bytes."""
    if len(frame_of(one)) != len(frame_of(other)) or one.slots != other.slots:
        return False
    if len(one.reply.pieces) != len(other.reply.pieces) or one.reply.holes != other.reply.holes:
        return False
    if isinstance(one, Plan):
        return isinstance(other, Plan) and one.checksums == other.checksums
    if isinstance(other, Plan) or one.laid is None or other.laid is None:
        return False
    return (one.mask, one.structure, one.shown, one.laid.head, one.laid.tail) == (
        *(other.mask, other.structure, other.shown),
        *(other.laid.head, other.laid.tail),
    )


def _starts(
    one: Plan | Rewrite, other: Plan | Rewrite, pairs: Sequence[Pair], width: int
) -> dict[int, list[int]]:
    """Where the literals stand in the frame, by their numbers."""
    first, second = frame_of(one), frame_of(other)
    differing = {at for at, (x, y) in enumerate(zip(first, second, strict=True)) if x != y}
    if isinstance(other, Plan):
        differing -= {at for checksum in other.checksums for at in (checksum.at, checksum.at + 1)}
    starts: dict[int, list[int]] = {pair.number: [] for pair in pairs}
    while differing:
        pair, start, size = _found(first, second, min(differing), pairs, width)
        differing -= set(range(start, start + size))
        starts[pair.number].append(start)
    if not all(starts.values()):
        raise NotFound
    return starts


def _found(
    first: bytes, second: bytes, at: int, pairs: Sequence[Pair], width: int
) -> tuple[Pair, int, int]:
    """The literal of which the byte `at` is the first that differs, its start and its size."""
    for pair in pairs:
        try:
            own, new = pair.encoded(width)
        except (OverflowError, OSError):
            continue
        if own == new or len(own) != len(new):
            continue
        start = at - next(n for n, (x, y) in enumerate(zip(own, new, strict=True)) if x != y)
        if start >= 0 and all(
            first[start + a : start + b] == own[a:b] and second[start + a : start + b] == new[a:b]
            for a, b in ((a, min(b, len(own))) for a, b in pair.moving)
        ):
            return pair, start, len(own)
    raise NotFound


def _spots(
    number: int, one: bytes, other: bytes, pairs: Sequence[Pair]
) -> Iterator[tuple[Pair, Spot]]:
    """Where the literals are shown in a piece of the other reply."""
    done, there = 0, 0
    while one[done:] != other[there:]:
        equal = _equal(one[done:], other[there:])
        pair, end, spot = _spot(
            (one, done, done + equal), (other, there, there + equal), number, pairs
        )
        yield pair, spot
        done, there = end, spot.stop


def _equal(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common from their start."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (x, y) in pairs if x != y), min(len(one), len(other)))


#: A text, how far it has been compared, and where the next difference is.
_Side = tuple[bytes, int, int]


def _spot(one: _Side, other: _Side, number: int, pairs: Sequence[Pair]) -> tuple[Pair, int, Spot]:
    """The literal at a difference, where it ends in the one piece, and its spot in the other."""
    own, new = _encoded_around(*one), _encoded_around(*other)
    for pair in pairs:
        if own is not None and new is not None:
            around = _within(binascii.a2b_base64(own[1]), binascii.a2b_base64(new[1]), pair)
            if around is not None:
                return pair, own.end(1), Spot(number, new.start(1), new.end(1), True, *around)
            continue
        for back in range(len(pair.texts[0]) + 1):
            start, there = one[2] - back, other[2] - back
            if start < one[1]:
                break
            if _stands(one[0], start, pair.texts[0]) and _stands(other[0], there, pair.texts[1]):
                end = start + len(pair.texts[0])
                return pair, end, Spot(number, there, there + len(pair.texts[1]))
    raise NotFound


def _encoded_around(text: bytes, done: int, at: int) -> re.Match[bytes] | None:
    """The base64 that a place is in."""
    matches = _BASE64.finditer(text, max(0, done - len('"base64":"')))
    return next((each for each in matches if each.start(1) <= at <= each.end(1)), None)


def _within(one: bytes, other: bytes, pair: Pair) -> tuple[bytes, bytes] | None:
    """What stands around the literal in bytes that hold it, None if they do not."""
    own, new = pair.texts
    at = one.find(own)
    while at >= 0:
        before, behind = one[:at], one[at + len(own) :]
        if before + new + behind == other:
            return before, behind
        at = one.find(own, at + 1)
    return None


def _stands(text: bytes, start: int, literal: bytes) -> bool:
    """Whether a literal stands there, and no part of a longer one."""
    end = start + len(literal)
    if text[start:end] != literal:
        return False
    around = text[start - 1 : start] if start else b"", text[end : end + 1]
    return not (literal.isdigit() and any(each.isdigit() for each in around))
