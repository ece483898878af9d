"""The plans that are known, by shape. Bounded, and without Scapy.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from scapy_server import limits
from scapy_server.packet.plans.model_shape import BYTES, PLAIN, ShapeKey, shape_of
from scapy_server.packet.plans.plan import Plan, Rewrite

#: How many shapes with the same layers and fields are planned when they come for the first time.
NEW_MODELS = 1
NEW_CHANGES = 8
#: Making a plan takes as long as so many packets do that are read the long way, and all plans
#: for reading together a part of what that takes, or what was saved by plans.
_PLAN_COST = 6
_PART = 8


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
    those values. `attempts` are how often it missed; plans are made at few of them, for each
    takes as long as several packets do.
    """

    fixed: tuple[int, ...] = ()
    plans: OrderedDict[tuple[Any, ...], Plan] = field(default_factory=OrderedDict)
    attempts: int = 0

    @property
    def size(self) -> int:
        """What the plans take, in bytes."""
        return sum(plan.size for plan in self.plans.values())

    def learn(self, learned: BuildPlan) -> None:
        """Remember a plan; the longest known gives way."""
        if not set(learned.fixed) <= set(self.fixed):
            self.fixed = tuple(sorted({*learned.fixed, *self.fixed}))
            self.plans.clear()
        self.plans[_values_at(self.fixed, learned.given)] = learned.plan
        if len(self.plans) > limits.PLANS_OF_A_SHAPE:
            self.plans.popitem(last=False)


@dataclass(slots=True)
class FrameShape:
    """What is known of frames of one length with one shape of changes.

    Each plan stands behind its mask and structure as numbers.
    """

    plans: list[tuple[int, int, Rewrite]] = field(default_factory=list)
    attempts: int = 0

    @property
    def size(self) -> int:
        """As of a `Shape`."""
        return sum(plan.size for _, _, plan in self.plans)

    def learn(self, plan: Rewrite) -> None:
        """As of a `Shape`; what is used comes to the front."""
        mask, structure = (int.from_bytes(part, "big") for part in (plan.mask, plan.structure))
        self.plans = [(mask, structure, plan), *self.plans][: limits.PLANS_OF_A_SHAPE]


class Planned(Protocol):
    """What has plans."""

    attempts: int

    @property
    def size(self) -> int: ...


_Key = TypeVar("_Key")
_Shape = TypeVar("_Shape", bound=Planned)


class Shapes(OrderedDict[_Key, _Shape], Generic[_Key, _Shape]):
    """Shapes by what finds them; the longest unused goes first, with all of its plans."""

    def __init__(self, new: Callable[[], _Shape]) -> None:
        super().__init__()
        self._new = new
        self._bytes = 0

    def of(self, key: _Key) -> _Shape:
        """The shape behind a key, a new one if there is none."""
        shape = self.setdefault(key, self._new())
        self.move_to_end(key)
        if len(self) > limits.PLANNED_SHAPES:
            self._forget()
        return shape

    def learn(self, shape: _Shape, learn: Callable[[], None]) -> None:
        """Have a shape remember a plan, and keep all of them within the bound."""
        before = shape.size
        learn()
        self._bytes += shape.size - before
        while self._bytes > limits.PLANNED_BYTES:
            self._forget()

    def _forget(self) -> None:
        _, shape = self.popitem(last=False)
        self._bytes -= shape.size


class PlanBook:
    """Finds the plan for a request as it came in, and keeps the plans bounded."""

    def __init__(self) -> None:
        self._shapes: Shapes[ShapeKey, Shape] = Shapes(Shape)
        self._frames: Shapes[tuple[int, ShapeKey], FrameShape] = Shapes(FrameShape)
        self._outlines: OrderedDict[ShapeKey, int] = OrderedDict()
        self._last: Shape | FrameShape | None = None  # that answered
        self._read = self._missed = self._tried = 0

    def built(self, model: Any) -> bytes | None:
        """The JSON of a packet's result, None if there is no plan that is sure of it."""
        parsed = shape_of(model)
        if parsed is None:
            return None
        key, given = parsed
        shape = self._shapes.get(key)
        if shape is None or not shape.plans:
            return None
        if shape is not self._last:  # as it nearly always is; moving takes as long as finding
            self._shapes.move_to_end(key)
            self._last = shape
        plan = shape.plans.get(_values_at(shape.fixed, given))
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
        if shape is None or not shape.plans:
            return None
        if shape is not self._last:
            self._frames.move_to_end((len(frame), key))
            self._last = shape
        bits = int.from_bytes(frame, "big")
        for place, (mask, structure, plan) in enumerate(shape.plans):
            if bits & mask == structure:
                answered = answer(plan)
                if answered is not None:
                    self._read += not key
                    if place:
                        shape.plans.insert(0, shape.plans.pop(place))
                    return answered
        return None

    def wants_build(self, model: Any) -> bool:
        """Whether to try to make a plan for the model: when its shape has come before.

        What is written at length (expressions, arrays, parts) is of an editor as a rule, who
        changes one field after the other: it is planned at once, unless the same fields have
        come with other such values.
        """
        parsed = shape_of(model)
        if parsed is None:
            return False
        key = parsed[0]
        is_long = any(form not in (PLAIN, BYTES) for _, form in _forms(key))
        return self._is_wanted(self._shape(key), key, NEW_MODELS if is_long else 0)

    def wants_rewrite(self, frame: bytes, changes: Any, least: int = 2) -> bool:
        """As `wants_build`, for changes of a frame, all of which are an editor's.

        For frames that are only read, when they have come `least` times.
        """
        parsed = shape_of(changes)
        if parsed is None or len(frame) > limits.PLANNED_FRAME_BYTES:
            return False
        key = parsed[0]
        shape = self._frame_shape(len(frame), key)
        if key:
            return self._is_wanted(shape, key, NEW_CHANGES if any(_forms(key)) else 0)
        self._missed += 1
        if shape.attempts and self._tried * _PLAN_COST > self._read + self._missed // _PART:
            return False  # most of what is read there comes once
        is_wanted = self._is_wanted(shape, key, 0) and shape.attempts >= least
        self._tried += is_wanted
        return is_wanted

    def _is_wanted(self, shape: Shape | FrameShape, key: ShapeKey, at_once: int) -> bool:
        if at_once and not shape.attempts and self._shapes_before(key) < at_once:
            shape.attempts = 1
        shape.attempts += 1
        is_turn = shape.attempts & (shape.attempts - 1) == 0
        return is_turn and 1 < shape.attempts <= limits.PLAN_MISSES

    def _shapes_before(self, key: ShapeKey) -> int:
        """How many shapes with these layers and fields have come before this one."""
        outline = tuple([part if isinstance(part, str) else (part[0], PLAIN) for part in key])
        count = self._outlines.pop(outline, 0)
        self._outlines[outline] = count + 1
        if len(self._outlines) > limits.PLANNED_SHAPES:
            self._outlines.popitem(last=False)
        return count

    def learn(self, learned: Learned) -> None:
        """Remember a plan."""
        if isinstance(learned, RewritePlan):
            plan = learned.plan
            frames = self._frame_shape(len(plan.mask), learned.key)
            self._frames.learn(frames, lambda: frames.learn(plan))
            return
        models = self._shape(learned.key)
        self._shapes.learn(models, lambda: models.learn(learned))

    def _shape(self, key: ShapeKey) -> Shape:
        self._last = None
        return self._shapes.of(key)

    def _frame_shape(self, length: int, key: ShapeKey) -> FrameShape:
        self._last = None
        return self._frames.of((length, key))


def _forms(key: ShapeKey) -> Iterator[tuple[str, str]]:
    """The ids and forms of the given fields of a shape."""
    return (part for part in key if not isinstance(part, str))


def _values_at(positions: tuple[int, ...], given: list[Any]) -> tuple[Any, ...]:
    """The given values at these positions, as a key."""
    if not positions:
        return ()
    values = (given[position] for position in positions)
    return tuple([(BYTES, v.get("base64")) if type(v) is dict else v for v in values])
