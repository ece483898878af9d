"""Making plans for what varies in literals: of a packet and one that differs in some of them.

A plan is tried with other literals against the long way before it is used, the greatest numbers
and addresses among them. Nothing but the field itself may look at the bytes in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace
from scapy.packet import Packet

from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.kept import BuildPlan, Example, RewritePlan
from scapy_server.packet.plans.literal_places import NotFound, Pair, places_of
from scapy_server.packet.plans.literals import (
    Literal,
    holds_literal,
    is_address,
    literal_shape,
    runs,
    with_literals,
)
from scapy_server.packet.plans.long_way import LongWay, Reached
from scapy_server.packet.plans.model_shape import is_plain, shape_of
from scapy_server.packet.plans.rewrite_planner import RewritePlanner
from scapy_server.packet.plans.varied import Place, VariedPlan
from scapy_server.packet.plans.watching import WatchedDissection

#: In how many bytes numbers may stand; the most are tried first.
_WIDTHS = (8, 4, 2, 1)
_ADDRESSES = ("255.255.255.255", "0.0.0.0", "10.20.30.40")
_TEXTS = ("z", "Q", "x9")


class VaryPlanner:
    """Makes plans for models, and for changes, of which an example was planned."""

    def __init__(self, codec: PacketCodec, build: Planner, rewrite: RewritePlanner) -> None:
        self._registry = codec.registry
        self._long_way = LongWay(codec)
        self._build, self._rewrite = build, rewrite

    def vary(
        self, example: Example, model: Any, frame: bytes | None, reached: Reached | None = None
    ) -> VariedPlan | None:
        """The plan for models like these two, or for such changes of a frame; None if none is.

        `reached` is what the long way gave for the model, if it was gone.
        """
        shape = literal_shape(model)
        before = literal_shape(example.model)
        if shape is None or before is None:
            return None
        numbered = enumerate(zip(before[1], shape[1], strict=True))
        differing = [Pair(number, one, other) for number, (one, other) in numbered if one != other]
        pairs = list({pair[1:]: pair for pair in reversed(differing)}.values())
        tied = tuple(
            (pair.number, each.number)
            for pair in pairs
            for each in differing
            if pair[1:] == each[1:] and pair != each
        )
        if not pairs:
            return None
        try:
            reached = reached or self._reached(model, frame)
        except ScapyServerError:
            return None  # what is refused has no plan
        if frame is None:
            learned: BuildPlan | RewritePlan | None = self._build.plan(model, reached)
        else:
            learned = self._rewrite.plan(frame, model, reached)
        if learned is None:
            return None
        watched = self._watched(model, frame, reached)
        has_numbers = any(isinstance(pair.one, int) for pair in pairs)
        for width in _WIDTHS if has_numbers else _WIDTHS[-1:]:
            try:
                places = places_of(example.learned.plan, learned.plan, pairs, width)
            except NotFound:
                continue
            varied = replace(_varied(shape[1], model, learned, places), tied=tied)
            if self._is_right(varied, watched, model, frame):
                return replace(varied, key=shape[0])
        return None

    def _is_right(
        self, varied: VariedPlan, watched: WatchedDissection, model: Any, frame: bytes | None
    ) -> bool:
        return all(
            watched.is_looked_at_alone(start, start + _size(place, varied.literals))
            for place in varied.places
            for start in place.starts
        ) and all(
            self._agrees(varied, with_literals(model, others), frame) for others in _others(varied)
        )

    def _watched(self, model: Any, frame: bytes | None, reached: Reached) -> WatchedDissection:
        """The packet of the model, or the changed frame, dissected under watch."""
        root: type[Packet]
        if frame is None:
            root = self._registry.layer(model[0]["id"]).built_class
        else:
            root = self._registry.layer(root_layer_id(ETHERNET, frame)).cls
        return WatchedDissection(root, reached.tree.layout().frame, self._registry)

    def _reached(self, model: Any, frame: bytes | None) -> Reached:
        if frame is None:
            return self._long_way.build(model)
        return self._long_way.reconstruct(frame, model)

    def _agrees(self, varied: VariedPlan, model: Any, frame: bytes | None) -> bool:
        """Whether both ways answer alike, or neither does."""
        parsed, shape = shape_of(model), literal_shape(model)
        if parsed is None or shape is None:
            return False
        planned = varied.result(shape[1], parsed[1], frame)
        try:
            return planned == self._reached(model, frame).json
        except ScapyServerError:
            return planned is None


def _varied(
    literals: tuple[Literal, ...],
    model: Any,
    learned: BuildPlan | RewritePlan,
    places: tuple[Place, ...],
) -> VariedPlan:
    """The plan, whose given values are its own but for those that are literals."""
    items = (item for layer in model for item in layer.get("fields") or ())
    plain = [item for item in items if is_plain(item)]
    varying = {position for position, item in enumerate(plain) if holds_literal(item)}
    given = [item["value"] for item in plain]
    if isinstance(learned, BuildPlan):
        fixed = tuple(position for position in learned.fixed if position not in varying)
        return VariedPlan((), literals, given, fixed, places, learned.plan)
    own = tuple(each for each in learned.plan.fixed if each[0] not in varying)
    return VariedPlan((), literals, given, (), places, replace(learned.plan, fixed=own))


def _size(place: Place, literals: Sequence[Literal]) -> int:
    literal = literals[place.literal]
    if isinstance(literal, int):
        return place.width
    return 4 if is_address(literal) else len(literal)


def _others(varied: VariedPlan) -> Iterator[list[Literal]]:
    """Other literals to try a plan with."""
    for number in range(len(_TEXTS)):
        literals = list(varied.literals)
        for place in varied.places:
            literals[place.literal] = _another(literals[place.literal], place.width, number)
        for first, second in varied.tied:
            literals[second] = literals[first]
        yield literals


def _another(literal: Literal, width: int, number: int) -> Literal:
    if isinstance(literal, int):
        return ((1 << 8 * width) - 1, 0, 1)[number]
    if is_address(literal):
        return _ADDRESSES[number]
    text = list(literal)
    for start, stop in runs(literal):
        text[start:stop] = (_TEXTS[number] * (stop - start))[: stop - start]
    return "".join(text)
