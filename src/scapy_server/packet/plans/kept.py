"""What is known of shapes: their plans, kept within the bounds. Without Scapy.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from scapy_server import limits
from scapy_server.packet.plans.literals import Literal
from scapy_server.packet.plans.model_shape import BYTES, ShapeKey
from scapy_server.packet.plans.plan import Plan
from scapy_server.packet.plans.rewriting import Rewrite
from scapy_server.packet.plans.varied import VariedPlan


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


Learned = BuildPlan | RewritePlan | VariedPlan


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
        self.plans[values_at(self.fixed, learned.given)] = learned.plan
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


class Example(NamedTuple):
    """A model, or changes, with the plan that was made for it."""

    model: Any
    learned: BuildPlan | RewritePlan


@dataclass(slots=True)
class Kind:
    """What is known of models, or of changes, that differ in literals: the last one planned, and
    plans for such as it, the last used first. `attempts` as of a `Shape`."""

    example: Example | None = None
    plans: list[VariedPlan] = field(default_factory=list)
    attempts: int = 0

    @property
    def size(self) -> int:
        """As of a `Shape`."""
        example = 0 if self.example is None else self.example.learned.plan.size
        return example + sum(plan.size for plan in self.plans)

    def learn(self, learned: VariedPlan | Example) -> None:
        """Remember a plan, or an example."""
        if isinstance(learned, Example):
            self.example, self.attempts = learned, 0
        else:
            self.plans = [learned, *self.plans][: limits.PLANS_OF_A_SHAPE]

    def result(
        self, literals: Sequence[Literal], given: list[Any], frame: bytes | None
    ) -> bytes | None:
        """The JSON of a packet of this kind, None if no plan is sure of it."""
        for place, plan in enumerate(self.plans):
            result = plan.result(literals, given, frame)
            if result is not None:
                self.plans.insert(0, self.plans.pop(place))
                return result
        return None


def is_turn(shape: Shape | FrameShape | Kind) -> bool:
    """Whether to try to make a plan after so many attempts: ever more seldom, and not for ever."""
    attempts = shape.attempts
    return attempts & (attempts - 1) == 0 and attempts <= limits.PLAN_MISSES


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


def values_at(positions: tuple[int, ...], given: list[Any]) -> tuple[Any, ...]:
    """The given values at these positions, as a key."""
    if not positions:
        return ()
    values = (given[position] for position in positions)
    return tuple([(BYTES, v.get("base64")) if type(v) is dict else v for v in values])
