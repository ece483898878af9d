"""Plans for packets that differ in literals: one of their plans, and where the literals stand.

With other literals in these places, in the frame and in what is shown, it is the plan of another
packet of the kind. As of all plans, what is not understood is None.
"""

from __future__ import annotations

import binascii
import socket
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from scapy_server.packet.plans.literals import Literal, is_address, runs
from scapy_server.packet.plans.model_shape import ShapeKey
from scapy_server.packet.plans.plan import Plan
from scapy_server.packet.plans.rewriting import Rewrite

_SPOT_BYTES = 256


class Spot(msgspec.Struct, frozen=True):
    """Where a literal is shown: piece[start:stop] of a reply.

    Either as text, or in base64 with what stands `before` it and `behind` it in the same bytes.
    """

    piece: int
    start: int
    stop: int
    is_base64: bool = False
    before: bytes = b""
    behind: bytes = b""

    def show(self, text: bytes) -> bytes:
        """What stands there for a literal's text."""
        if not self.is_base64:
            return text
        return binascii.b2a_base64(self.before + text + self.behind, newline=False)


class Place(msgspec.Struct, frozen=True):
    """Where a literal stands, by its number: `starts` in the frame, `spots` in what is shown.

    A number takes `width` bytes; how much others take is seen from them.
    """

    literal: int
    starts: tuple[int, ...]
    spots: tuple[Spot, ...]
    width: int = 0

    def write(self, frame: bytearray, literal: Literal) -> None:
        """Write another literal into the frame; raises if it is none for it."""
        for start in self.starts:
            if isinstance(literal, int):
                frame[start : start + self.width] = literal.to_bytes(self.width, "big")
            elif is_address(literal):
                frame[start : start + 4] = socket.inet_pton(socket.AF_INET, literal)
            else:
                text = literal.encode("ascii")
                for first, last in runs(literal):
                    frame[start + first : start + last] = text[first:last]


class VariedPlan(msgspec.Struct, frozen=True, tag="varied"):
    """The plan of a packet with these `literals`, and where others may stand.

    It is for packets whose plain values are the `given` ones in the `fixed` positions, and whose
    `tied` literals, by their numbers, are equal: the second one stands where the first does.
    """

    key: ShapeKey
    literals: tuple[Literal, ...]
    given: list[Any]
    fixed: tuple[int, ...]
    places: tuple[Place, ...]
    plan: Plan | Rewrite
    tied: tuple[tuple[int, int], ...] = ()

    @property
    def size(self) -> int:
        """What it takes, in bytes."""
        return self.plan.size + sum(_SPOT_BYTES * len(place.spots) for place in self.places)

    def result(
        self, literals: Sequence[Literal], given: Sequence[Any], frame: bytes | None = None
    ) -> bytes | None:
        """The JSON of the result for these values, and for the frame that is changed."""
        if any(given[position] != self.given[position] for position in self.fixed):
            return None
        plan = self._with(literals)
        if plan is None:
            return None
        if isinstance(plan, Plan):
            return plan.result(list(given))
        if frame is None or not plan.is_for(frame):
            return None
        return plan.result(frame, list(given))

    def _with(self, literals: Sequence[Literal]) -> Plan | Rewrite | None:
        """The plan with other literals, None if one has no place or does not fit there."""
        if any(literals[first] != literals[second] for first, second in self.tied):
            return None
        own, seconds = self.literals, {second for _, second in self.tied}
        others = {
            n: other for n, other in enumerate(literals) if other != own[n] and n not in seconds
        }
        places = [place for place in self.places if place.literal in others]
        if len(places) < len(others):
            return None
        frame = bytearray(frame_of(self.plan))
        try:
            for place in places:
                place.write(frame, others[place.literal])
        except (ValueError, OverflowError, OSError):
            return None
        reply = replace(self.plan.reply, pieces=self._pieces(places, others))
        if isinstance(self.plan, Plan):
            return replace(self.plan, frame=bytes(frame), reply=reply)
        laid = self.plan.laid and replace(self.plan.laid, frame=bytes(frame))
        return replace(self.plan, laid=laid, reply=reply)

    def _pieces(self, places: Sequence[Place], others: Mapping[int, Literal]) -> tuple[bytes, ...]:
        pieces = list(self.plan.reply.pieces)
        for spot, text in sorted(_shown(places, others), key=_last_first):
            piece = pieces[spot.piece]
            pieces[spot.piece] = piece[: spot.start] + spot.show(text) + piece[spot.stop :]
        return tuple(pieces)


def _shown(places: Sequence[Place], others: Mapping[int, Literal]) -> Iterator[tuple[Spot, bytes]]:
    for place in places:
        text = str(others[place.literal]).encode("ascii")
        yield from ((spot, text) for spot in place.spots)


def _last_first(shown: tuple[Spot, bytes]) -> int:
    return -shown[0].start


def frame_of(plan: Plan | Rewrite) -> bytes:
    """The bytes in which a plan has what its values do not say."""
    if isinstance(plan, Plan):
        return plan.frame
    return b"" if plan.laid is None else plan.laid.frame
