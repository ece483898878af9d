"""The plans that are known, by shape. Bounded, and without Scapy."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from scapy_server.packet.models.members import FIELD_MEMBERS, LAYER_MEMBERS, VALUE_MEMBERS
from scapy_server.packet.plans.plan import LARGEST_NUMBER, Plan, Rewrite

#: Shapes remembered at once, and plans of one shape; the longest unused goes first.
MAX_SHAPES = 256
MAX_PLANS = 4
#: How often a shape may miss before no more plans are made for it.
MAX_ATTEMPTS = 16
#: A longer packet is not planned: it takes much memory and little is gained.
MAX_FRAME_BYTES = 16 * 1024

#: Layer ids, and after each the ids of the given fields and whether each is given as bytes.
ShapeKey = tuple[str | tuple[str, bool], ...]


class BuildPlan(msgspec.Struct, frozen=True, tag="build"):
    """A plan for packets of a shape that agree in the `fixed` ones of the `given` values."""

    key: ShapeKey
    fixed: tuple[int, ...]
    given: list[Any]
    plan: Plan


class RewritePlan(msgspec.Struct, frozen=True, tag="rewrite"):
    """A plan for frames of one length and structure, with changes of a shape."""

    key: ShapeKey
    plan: Rewrite


Learned = BuildPlan | RewritePlan


@dataclass(slots=True)
class Shape:
    """What is known of a shape.

    `fixed` are the positions of the given values that belong to it; `plans` are by
    those values. `attempts` at making a plan are few, for each takes as long as several
    packets do.
    """

    fixed: tuple[int, ...] = ()
    plans: OrderedDict[tuple[Any, ...], Plan] = field(default_factory=OrderedDict)
    attempts: int = 0


@dataclass(slots=True)
class FrameShape:
    """What is known of frames of one length with one shape of changes.

    Each plan stands behind its mask and structure as numbers.
    """

    plans: list[tuple[int, int, Rewrite]] = field(default_factory=list)
    attempts: int = 0


class PlanBook:
    """Finds the plan for a request as it came in, and keeps the plans bounded."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[ShapeKey, Shape] = OrderedDict()
        self._frames: OrderedDict[tuple[int, ShapeKey], FrameShape] = OrderedDict()

    def built(self, model: Any) -> bytes | None:
        """The JSON of a packet's result, None if there is no plan that is sure of it."""
        parsed = shape_of(model)
        if parsed is None:
            return None
        key, given = parsed
        shape = self._shapes.get(key)
        if shape is None:
            return None
        plan = shape.plans.get(tuple([given[position] for position in shape.fixed]))
        return None if plan is None else plan.result(given)

    def rewritten(self, frame: bytes, changes: Any) -> bytes | None:
        """The JSON of a changed frame's result, None if there is no plan that is sure of it."""
        parsed = shape_of(changes)
        if parsed is None:
            return None
        key, given = parsed
        return self._answered(frame, key, lambda plan: plan.result(frame, given))

    def summarised(self, frame: bytes) -> bytes | None:
        """The JSON of the line on a frame, None if there is no plan that is sure of it."""
        return self._answered(frame, (), lambda plan: plan.summary(frame))

    def _answered(
        self, frame: bytes, key: ShapeKey, answer: Callable[[Rewrite], bytes | None]
    ) -> bytes | None:
        """The answer of the first plan for frames of this length and structure that has one.

        That plan comes to the front: what is seldom used is forgotten for what is new.
        """
        shape = self._frames.get((len(frame), key))
        if shape is None:
            return None
        bits = int.from_bytes(frame, "big")
        for place, (mask, structure, plan) in enumerate(shape.plans):
            if bits & mask == structure:
                answered = answer(plan)
                if answered is not None:
                    if place:
                        shape.plans.insert(0, shape.plans.pop(place))
                    return answered
        return None

    def wants_build(self, model: Any) -> bool:
        """Whether to try to make a plan for the model: when its shape has come before."""
        parsed = shape_of(model)
        if parsed is None:
            return False
        shape = self._shape(parsed[0])
        shape.attempts += 1
        return 1 < shape.attempts <= MAX_ATTEMPTS

    def wants_rewrite(self, frame: bytes, changes: Any) -> bool:
        """As `wants_build`, for changes of a frame."""
        parsed = shape_of(changes)
        if parsed is None or len(frame) > MAX_FRAME_BYTES:
            return False
        shape = self._frame_shape(len(frame), parsed[0])
        shape.attempts += 1
        return 1 < shape.attempts <= MAX_ATTEMPTS

    def learn(self, learned: Learned) -> None:
        """Remember a plan."""
        if isinstance(learned, RewritePlan):
            plan = learned.plan
            known = self._frame_shape(len(plan.mask), learned.key)
            mask, structure = (int.from_bytes(part, "big") for part in (plan.mask, plan.structure))
            known.plans = [(mask, structure, plan), *known.plans][:MAX_PLANS]
            return
        shape = self._shape(learned.key)
        if not set(learned.fixed) <= set(shape.fixed):
            shape.fixed = tuple(sorted({*learned.fixed, *shape.fixed}))
            shape.plans.clear()
        shape.plans[tuple([learned.given[position] for position in shape.fixed])] = learned.plan
        if len(shape.plans) > MAX_PLANS:
            shape.plans.popitem(last=False)

    def _shape(self, key: ShapeKey) -> Shape:
        shape = self._shapes.setdefault(key, Shape())
        self._shapes.move_to_end(key)
        if len(self._shapes) > MAX_SHAPES:
            self._shapes.popitem(last=False)
        return shape

    def _frame_shape(self, length: int, key: ShapeKey) -> FrameShape:
        shape = self._frames.setdefault((length, key), FrameShape())
        self._frames.move_to_end((length, key))
        if len(self._frames) > MAX_SHAPES:
            self._frames.popitem(last=False)
        return shape


def shape_of(model: Any) -> tuple[ShapeKey, list[Any]] | None:
    """The shape of a model and the given values in order, None if it is not plain.

    Plain values are whole numbers of 64 bits, strings and base64 bytes. Every other form, and a
    model that is not quite as documented, takes the long way.
    """
    if type(model) is not list:
        return None
    key: list[str | tuple[str, bool]] = []
    given: list[Any] = []
    for layer in model:
        if type(layer) is not dict:
            return None
        layer_id, fields = layer.get("id"), layer.get("fields")
        if type(layer_id) is not str or layer.get("delete") is True:
            return None
        known = 1 if fields is None else 2  # members, those just read
        if len(layer) != known and not LAYER_MEMBERS.issuperset(layer):
            return None
        key.append(layer_id)
        if fields is None:
            continue
        if type(fields) is not list:
            return None
        for item in fields:
            if type(item) is not dict:
                return None
            field_id: object = item.get("id")
            value: Any = item.get("value")
            if type(field_id) is not str or not _is_plain(value):
                return None
            if len(item) != 2 and not _only_sets(item):  # the two are those just read
                return None
            key.append((field_id, type(value) is dict))
            given.append(value)
    return tuple(key), given


def _only_sets(item: dict[str, Any]) -> bool:
    """Whether a field is given a value and nothing else is asked of it."""
    return FIELD_MEMBERS.issuperset(item) and not (item.get("delete") or item.get("insert"))


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str:
        return True
    if kind is int:
        return bool(-LARGEST_NUMBER // 2 <= value <= LARGEST_NUMBER)
    if kind is dict:
        is_bytes = value.get("vtype") == "BYTES" and "generate" not in value
        return is_bytes and VALUE_MEMBERS.issuperset(value)
    return False
