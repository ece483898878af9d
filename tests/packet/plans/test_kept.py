from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.plans.answering import PacketBuilder
from scapy_server.packet.plans.kept import Example, Kind, Shape, Shapes, is_turn, values_at
from scapy_server.packet.plans.varied import VariedPlan
from tests.packet.plans.shapes import expression, model_of


def tcp(size: int) -> Any:
    return model_of([("TCP", {"options": expression(f"[('MSS', {size})]")})])


@pytest.fixture
def varied(codec: PacketCodec) -> VariedPlan:
    """A plan for `tcp`."""
    builder = PacketBuilder(codec)
    plans = [builder.build(tcp(size)).learned for size in (1460, 1400)]
    assert isinstance(plans[1], VariedPlan)
    return plans[1]


def test_plans_are_tried_ever_more_seldom() -> None:
    shape = Shape()
    turns = []
    for shape.attempts in range(1, 2 * limits.PLAN_MISSES):
        turns.append(is_turn(shape))
    assert [number for number, turn in enumerate(turns, 1) if turn] == [
        1 << power for power in range(limits.PLAN_MISSES.bit_length())
    ]


def test_what_a_kind_takes(varied: VariedPlan, codec: PacketCodec) -> None:
    example = PacketBuilder(codec).build(tcp(1460)).learned
    assert example is not None and not isinstance(example, VariedPlan)
    kind = Kind()
    assert kind.size == 0
    kind.learn(Example(tcp(1460), example))
    kind.learn(varied)
    assert kind.size == example.plan.size + varied.size > 2 * varied.plan.size


def test_the_plan_that_answers_is_asked_first(varied: VariedPlan) -> None:
    other = VariedPlan((), ("MSS", 5), [], (), (), varied.plan)
    kind = Kind(plans=[other, varied])
    assert kind.result(("MSS", 7), [], None) == varied.result(("MSS", 7), [])
    assert kind.plans == [varied, other]
    assert kind.result(("MSS", 1 << 40), [], None) is None


@pytest.mark.parametrize("more", [0, 1])
def test_a_kind_has_few_plans(varied: VariedPlan, more: int) -> None:
    kind = Kind()
    for _ in range(limits.PLANS_OF_A_SHAPE + more):
        kind.learn(varied)
    assert len(kind.plans) == limits.PLANS_OF_A_SHAPE


@pytest.mark.parametrize("more", [0, 1])
def test_kinds_are_bounded_by_what_they_take(
    varied: VariedPlan, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = Limit(2 * varied.size - more, "bytes", "the plans")
    monkeypatch.setattr(limits, "PLANNED_BYTES", bound)
    kinds: Shapes[int, Kind] = Shapes(Kind)
    for number in range(2):
        kind = kinds.of(number)
        kinds.learn(kind, lambda known=kind: known.learn(varied))  # type: ignore[misc]
    assert list(kinds) == [0, 1][more:]


def test_values_are_told_apart() -> None:
    assert values_at((0, 2), [1, 2, "x"]) == (1, "x")
    assert values_at((0,), [{"base64": "AA=="}]) != values_at((0,), ["AA=="])
    assert values_at((), [1]) == ()
