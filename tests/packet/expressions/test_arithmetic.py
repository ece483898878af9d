from __future__ import annotations

import ast

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.expressions.arithmetic import (
    BINARY_OPERATORS,
    UNARY_OPERATORS,
    Budget,
    repetition,
)

BITS = int(limits.EXPRESSION_INTEGER_BITS)
ITEMS = int(limits.EXPRESSION_SEQUENCE_ITEMS)


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        (ast.Add, 1, 2, 3),
        (ast.Add, True, 1, 2),
        (ast.Add, "a", "b", "ab"),
        (ast.Add, b"a", b"b", b"ab"),
        (ast.Add, [1], [2], [1, 2]),
        (ast.Add, (1,), (), (1,)),
        (ast.Sub, 1, 2.5, -1.5),
        (ast.Mult, 3, 4, 12),
        (ast.Mult, b"ab", 2, b"abab"),
        (ast.Mult, 2, "ab", "abab"),
        (ast.Mult, "ab", -1, ""),
        (ast.Div, 3, 2, 1.5),
        (ast.FloorDiv, 7, 2, 3),
        (ast.Mod, 7, 4, 3),
        (ast.Pow, 2, 10, 1024),
        (ast.Pow, 2, -1, 0.5),
        (ast.LShift, 1, 8, 256),
        (ast.RShift, 256, 10**30, 0),
        (ast.BitOr, 1, 2, 3),
        (ast.BitAnd, 6, 3, 2),
        (ast.BitXor, 6, 3, 5),
    ],
)
def test_operators_compute(operator: type, left: object, right: object, result: object) -> None:
    made = BINARY_OPERATORS[operator](left, right, Budget())
    assert made == result
    assert type(made) is type(result)


@pytest.mark.parametrize(
    ("operator", "left", "right", "problem"),
    [
        (ast.Div, 1, 0, "1 / 0: division by zero"),
        (ast.FloorDiv, 1, 0, "1 // 0"),
        (ast.Mod, 1, 0, "1 % 0"),
        (ast.Pow, 0, -1, "0 ** -1"),
        (ast.LShift, 1, -1, "1 << -1: negative shift count"),
        (ast.Pow, -8, 0.5, "complex values are not allowed"),
        (ast.Pow, 10.0, 400, "10.0 ** 400"),
        (ast.Mult, 1.5, 1 << 4000, "too large"),
        (ast.Add, 1, "a", "+ does not work on int and str: 1 + 'a'"),
        (ast.Add, "a", b"a", "does not work on str and bytes"),
        (ast.Mod, "%s", 1, "% does not work on str and int"),
        (ast.Mult, "a", 1.0, "does not work"),
        (ast.BitOr, 1.0, 1, "| does not work on float and int"),
        (ast.BitOr, {1}, {2}, "| does not work on set and set"),
        (ast.Sub, None, 1, "- does not work on NoneType and int"),
    ],
)
def test_operands_that_do_not_fit_are_refused(
    operator: type, left: object, right: object, problem: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        BINARY_OPERATORS[operator](left, right, Budget())
    assert problem in caught.value.message


BOUNDS = [
    (ast.LShift, (1, BITS - 1), (1, BITS)),
    (ast.Pow, (2, BITS - 1), (2, BITS)),
    (ast.Mult, (1 << (BITS // 2), 1 << (BITS // 2 - 1)), (1 << (BITS // 2), 1 << (BITS // 2))),
    (ast.Add, ((1 << BITS) - 1, 0), ((1 << BITS) - 1, 1)),
    (ast.Mult, ("a", ITEMS), ("a", ITEMS + 1)),
    (ast.Mult, (ITEMS, b"a"), (ITEMS + 1, b"a")),
    (ast.Add, (b"a" * ITEMS, b""), (b"a" * ITEMS, b"a")),
]


@pytest.mark.parametrize(("operator", "within", "beyond"), BOUNDS)
def test_results_are_bounded_on_both_sides(
    operator: type, within: tuple[object, object], beyond: tuple[object, object]
) -> None:
    BINARY_OPERATORS[operator](*within, Budget())
    with pytest.raises(RefusedError, match="may be at most"):
        BINARY_OPERATORS[operator](*beyond, Budget())


@pytest.mark.parametrize(
    ("operator", "left", "right"),
    [
        (ast.Pow, 10, 10**10),
        (ast.Pow, 1, 1 << 4000),
        (ast.LShift, 1, 10**9),
        (ast.LShift, 0, 1 << 4000),
        (ast.Mult, "a", 10**9),
        (ast.Mult, "a", 1 << 4000),
    ],
)
def test_what_would_be_huge_is_refused_before_it_is_made(
    operator: type, left: object, right: object
) -> None:
    with pytest.raises(RefusedError, match="may be at most"):
        BINARY_OPERATORS[operator](left, right, Budget())


@pytest.mark.parametrize(
    ("operator", "operand", "result"),
    [(ast.USub, 1, -1), (ast.UAdd, True, 1), (ast.Invert, True, -2), (ast.USub, 0.5, -0.5)],
)
def test_signs(operator: type, operand: object, result: object) -> None:
    assert UNARY_OPERATORS[operator](operand) == result


@pytest.mark.parametrize(
    ("operator", "operand"), [(ast.USub, "a"), (ast.Invert, 1.0), (ast.UAdd, None)]
)
def test_signs_of_what_is_no_number_are_refused(operator: type, operand: object) -> None:
    with pytest.raises(RefusedError, match="does not work on"):
        UNARY_OPERATORS[operator](operand)


def test_a_repeated_list_costs_what_its_items_cost() -> None:
    budget = Budget()
    budget.charge(nodes=3, layers=2, data=10)
    assert repetition([1, 2], 4, budget.made, budget) == [1, 2] * 4
    assert budget.made == (12, 8, 40)
    assert repetition((1,), -1, (1, 0, 0), budget) == ()
    with pytest.raises(RefusedError, match="whole number only"):
        repetition([1], 1.5, (1, 0, 0), budget)


@pytest.mark.parametrize(
    ("cost", "bound"),
    [
        ((1, 0, 0), limits.EXPRESSION_NODES),
        ((0, 1, 0), limits.EXPRESSION_LAYERS),
        ((0, 0, 1), limits.EXPRESSION_DATA),
    ],
)
def test_the_budget_is_bounded_on_both_sides(cost: tuple[int, int, int], bound: int) -> None:
    repetition([0], int(bound) + 1, cost, Budget())
    with pytest.raises(RefusedError, match="may be at most"):
        repetition([0], int(bound) + 2, cost, Budget())


def test_dissection_and_copies_are_bounded_on_both_sides() -> None:
    budget = Budget()
    budget.charge_dissection(limits.EXPRESSION_DISSECTED_BYTES)
    with pytest.raises(RefusedError, match="to dissect may be at most"):
        budget.charge_dissection(1)
    for _ in range(limits.EXPRESSION_COPIED // ITEMS):
        budget.charge_copy(ITEMS)
    with pytest.raises(RefusedError, match="copies to join"):
        budget.charge_copy(1)
