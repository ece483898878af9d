"""Making plans for what varies in literals: of a packet and one that differs in some of them.

A plan is tried with other literals against the long way before it is used, the greatest numbers
and addresses among them. Nothing but the field itself may look at the bytes in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from scapy.packet import Packet

from scapy_server.captures.link_types import ETHERNET, root_layer_id
from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
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
        self._codec = codec
        self._build, self._rewrite = build, rewrite

    def vary(self, example: Example, model: Any, frame: bytes | None) -> VariedPlan | None:
        """The plan for models like these two, or for such changes of a frame; None if none is."""
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
        learned = self._build.plan(model) if frame is None else self._rewrite.plan(frame, model)
        if learned is None or not pairs:
            return None
        has_numbers = any(isinstance(pair.one, int) for pair in pairs)
        for width in _WIDTHS if has_numbers else _WIDTHS[-1:]:
            try:
                places = places_of(example.learned.plan, learned.plan, pairs, width)
            except NotFound:
                continue
            varied = replace(_varied(shape[1], model, learned, places), tied=tied)
            if self._is_right(varied, model, frame):
                return replace(varied, key=shape[0])
        return None

    def _is_right(self, varied: VariedPlan, model: Any, frame: bytes | None) -> bool:
        dissection = self._dissection(model, frame)
        return all(
            dissection.is_looked_at_alone(start, start + _size(place, varied.literals))
            for place in varied.places
            for start in place.starts
        ) and all(
            self._agrees(varied, with_literals(model, others), frame) for others in _others(varied)
        )

    def _dissection(self, model: Any, frame: bytes | None) -> WatchedDissection:
        registry = self._codec.registry
        if frame is None:
            built = self._codec.built(parse_model(model, registry))
            root: type[Packet] = registry.layer(model[0]["id"]).built_class
            return WatchedDissection(root, built.layout().frame, registry)
        changes = parse_model(model, registry, changing=True)
        new = self._codec.reconstructed(frame, changes).layout().frame
        return WatchedDissection(registry.layer(root_layer_id(ETHERNET, frame)).cls, new, registry)

    def _agrees(self, varied: VariedPlan, model: Any, frame: bytes | None) -> bool:
        """Whether both ways answer alike, or neither does."""
        parsed, shape = shape_of(model), literal_shape(model)
        if parsed is None or shape is None:
            return False
        registry = self._codec.registry
        try:
            if frame is None:
                result = self._codec.build(parse_model(model, registry))
            else:
                changes = parse_model(model, registry, changing=True)
                result = self._codec.reconstruct(frame, changes)
        except ScapyServerError:
            return varied.result(shape[1], parsed[1], frame) is None
        return varied.result(shape[1], parsed[1], frame) == msgspec.json.encode(result)


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
