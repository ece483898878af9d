"""The plans that are known, by shape. Bounded, and without Scapy.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from scapy_server import limits
from scapy_server.packet.plans.kept import (
    Example,
    FrameShape,
    Kind,
    Learned,
    RewritePlan,
    Shape,
    Shapes,
    is_turn,
    values_at,
)
from scapy_server.packet.plans.literals import literal_shape
from scapy_server.packet.plans.model_shape import BYTES, PLAIN, ShapeKey, shape_of
from scapy_server.packet.plans.rewriting import Rewrite
from scapy_server.packet.plans.varied import VariedPlan

#: How many shapes with the same layers and fields are planned when they come for the first time.
NEW_MODELS = 1
NEW_CHANGES = 8
#: Making a plan takes as long as to read so many packets for their lines, and all plans for
#: reading together a part of what that takes, or what was saved by plans.
_PLAN_COST = 6
_PART = 8

_Answer = TypeVar("_Answer")


#: The JSON on a frame, and what it takes to read it the long way, as of an `Answer`.
Read = tuple[bytes, int]


class PlanBook:
    """Finds the plan for a request as it came in, and keeps the plans bounded."""

    def __init__(self) -> None:
        self._shapes: Shapes[ShapeKey, Shape] = Shapes(Shape)
        self._frames: Shapes[tuple[int, ShapeKey], FrameShape] = Shapes(FrameShape)
        self._kinds: Shapes[tuple[int, ShapeKey], Kind] = Shapes(Kind)
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
            return self._varied(model, given)
        if shape is not self._last:  # as it nearly always is; moving takes as long as finding
            self._shapes.move_to_end(key)
            self._last = shape
        plan = shape.plans.get(values_at(shape.fixed, given))
        return self._varied(model, given) if plan is None else plan.result(given)

    def rewritten(self, frame: bytes, changes: Any) -> bytes | None:
        """The JSON of a changed frame's result, None if there is no plan that is sure of it."""
        parsed = shape_of(changes)
        if parsed is None:
            return None
        key, given = parsed
        answered = self._answered(frame, key, lambda plan: plan.result(frame, given))
        return self._varied(changes, given, frame) if answered is None else answered

    def _varied(self, model: Any, given: list[Any], frame: bytes | None = None) -> bytes | None:
        """The JSON of a packet that differs in literals from one that has a plan."""
        shape = literal_shape(model) if self._kinds else None
        kind = None if shape is None else self._kinds.get((len(frame or b""), shape[0]))
        return None if shape is None or kind is None else kind.result(shape[1], given, frame)

    def kind(self, model: Any, frame: bytes | None = None) -> Kind | None:
        """What is known of models that differ in literals, None of one that has none."""
        shape = None if shape_of(model) is None else literal_shape(model)
        return None if shape is None else self._kinds.of((len(frame or b""), shape[0]))

    def wants_varied(self, kind: Kind) -> bool:
        """Whether to try to make a plan for models of a kind; an example first, if it has none.

        That is made of what comes again.
        """
        kind.attempts += 1
        return is_turn(kind) and (kind.example is not None or kind.attempts > 1)

    def remember(self, kind: Kind, example: Example) -> None:
        """Remember an example of a kind."""
        self._kinds.learn(kind, lambda: kind.learn(example))

    def read(self, frame: bytes) -> Read | None:
        """A frame without changes, None if there is no plan that is sure of it."""

        def read(plan: Rewrite) -> Read | None:
            json = plan.result(frame, [])
            return None if json is None else (json, plan.work)

        return self._answered(frame, (), read)

    def summarised(self, frame: bytes) -> Read | None:
        """The line on a frame, None if there is no plan that is sure of it."""

        def read(plan: Rewrite) -> Read | None:
            json = plan.summary(frame)
            return None if json is None or plan.line is None else (json, plan.line.work)

        return self._answered(frame, (), read)

    def _answered(
        self, frame: bytes, key: ShapeKey, answer: Callable[[Rewrite], _Answer | None]
    ) -> _Answer | None:
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
        return shape.attempts > 1 and is_turn(shape)

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
        if isinstance(learned, VariedPlan):
            length = len(learned.plan.mask) if isinstance(learned.plan, Rewrite) else 0
            kind = self._kinds.of((length, learned.key))
            self._kinds.learn(kind, lambda: kind.learn(learned))
            return
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
