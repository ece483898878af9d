"""The plans that are known, by shape. Bounded, and without Scapy."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from scapy_server.packet.plan import Plan, Rewrite

#: Shapes remembered at once, and plans of one shape; the longest unused goes first.
MAX_SHAPES = 256
MAX_PLANS = 16
#: How often a shape may miss before no more plans are made for it.
MAX_ATTEMPTS = 24

ShapeKey = tuple[object, ...]


@dataclass(slots=True)
class FrameShape:
    """What is known of frames of one length with one shape of changes."""

    plans: list[Rewrite] = field(default_factory=list)
    attempts: int = 0


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


class PlanBook:
    """Finds the plan for a packet model as it came in, and keeps the plans bounded."""

    def __init__(self) -> None:
        self._shapes: OrderedDict[ShapeKey, Shape] = OrderedDict()
        self._frames: OrderedDict[ShapeKey, FrameShape] = OrderedDict()

    def result(self, model: Any) -> bytes | None:
        """The JSON of the packet's result, None if there is no plan that is sure of it."""
        parsed = shape_of(model)
        if parsed is None:
            return None
        key, given = parsed
        shape = self._shapes.get(key)
        if shape is None:
            return None
        plan = shape.plans.get(tuple([given[position] for position in shape.fixed]))
        return None if plan is None else plan.result(given)

    def wants(self, model: Any) -> bool:
        """Whether to try to make a plan for the model: when its shape has come before."""
        parsed = shape_of(model)
        if parsed is None:
            return False
        key, _ = parsed
        shape = self._shapes.setdefault(key, Shape())
        _bound(self._shapes, key)
        shape.attempts += 1
        return 1 < shape.attempts <= MAX_ATTEMPTS

    def add(self, model: Any, fixed: tuple[int, ...], plan: Plan) -> None:
        """Remember a plan for packets of the model's shape; `fixed` values belong to it."""
        parsed = shape_of(model)
        assert parsed is not None
        key, given = parsed
        shape = self._shapes.setdefault(key, Shape())
        if not set(fixed) <= set(shape.fixed):
            shape.fixed = tuple(sorted({*fixed, *shape.fixed}))
            shape.plans.clear()
        shape.plans[tuple([given[position] for position in shape.fixed])] = plan
        if len(shape.plans) > MAX_PLANS:
            shape.plans.popitem(last=False)

    def rewritten(self, frame: bytes, changes: Any) -> bytes | None:
        """The JSON of a changed frame's result, None if there is no plan for it."""
        parsed = shape_of(changes)
        if parsed is None:
            return None
        key, given = parsed
        shape = self._frames.get((len(frame), key))
        for plan in shape.plans if shape else ():
            result = plan.result(frame, given)
            if result is not None:
                return result
        return None

    def wants_rewrite(self, frame: bytes, changes: Any) -> bool:
        """As `wants`, for changes of a frame."""
        parsed = shape_of(changes)
        if parsed is None:
            return False
        key = (len(frame), parsed[0])
        shape = self._frames.setdefault(key, FrameShape())
        _bound(self._frames, key)
        shape.attempts += 1
        return 1 < shape.attempts <= MAX_ATTEMPTS

    def add_rewrite(self, frame: bytes, changes: Any, plan: Rewrite) -> None:
        """Remember a plan for frames of the length with such changes."""
        parsed = shape_of(changes)
        assert parsed is not None
        shape = self._frames.setdefault((len(frame), parsed[0]), FrameShape())
        shape.plans = [plan, *shape.plans][:MAX_PLANS]


def _bound(shapes: OrderedDict[ShapeKey, Any], key: ShapeKey) -> None:
    shapes.move_to_end(key)
    if len(shapes) > MAX_SHAPES:
        shapes.popitem(last=False)


def shape_of(model: Any) -> tuple[ShapeKey, list[Any]] | None:
    """The shape of a model and the given values in order, None if it is not plain.

    Plain values are whole numbers, strings and base64 bytes. Every other form, and a
    model that is not quite as documented, takes the long way.
    """
    if type(model) is not list:
        return None
    key: list[object] = []
    given: list[Any] = []
    for layer in model:
        if type(layer) is not dict:
            return None
        layer_id, fields = layer.get("id"), layer.get("fields")
        if type(layer_id) is not str or layer.get("delete") is True:
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
            kind = type(value)
            if type(field_id) is not str:
                return None
            if kind is dict:
                if value.get("vtype") != "BYTES" or "generate" in value:
                    return None
            elif kind is not str and kind is not int:
                return None
            key.append((field_id, kind is dict))
            given.append(value)
    return tuple(key), given
