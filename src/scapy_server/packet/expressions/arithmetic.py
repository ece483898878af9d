"""The operators of expressions, each bounded before it computes."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from scapy.packet import Packet

from scapy_server import limits
from scapy_server.errors import RefusedError, shown
from scapy_server.limits import Limit

Cost = tuple[int, int, int]


class Budget:
    """What an evaluation has made so far, counted against the bounds.

    `made` counts syntax nodes, layers, and characters or bytes of texts. To repeat a
    list costs what making its items again would.
    """

    def __init__(self) -> None:
        self.nodes = self._layers = self._data = 0
        self._dissected = 0
        self._copied = 0

    @property
    def made(self) -> Cost:
        return self.nodes, self._layers, self._data

    def charge(self, nodes: int = 0, layers: int = 0, data: int = 0) -> None:
        self.nodes += nodes
        self._layers += layers
        self._data += data
        if self.nodes > limits.EXPRESSION_NODES:
            check(limits.EXPRESSION_NODES, self.nodes)
        if self._layers > limits.EXPRESSION_LAYERS:
            check(limits.EXPRESSION_LAYERS, self._layers)
        if self._data > limits.EXPRESSION_DATA:
            check(limits.EXPRESSION_DATA, self._data)

    def cost_since(self, before: Cost) -> Cost:
        return (
            self.nodes - before[0],
            self._layers - before[1],
            self._data - before[2],
        )

    def charge_dissection(self, size: int) -> None:
        self._dissected += size
        check(limits.EXPRESSION_DISSECTED_BYTES, self._dissected)

    def charge_copy(self, size: int) -> None:
        """Each joining copies; a chain of them may not copy without end."""
        check(limits.EXPRESSION_SEQUENCE_ITEMS, size)
        self._copied += size
        check(limits.EXPRESSION_COPIED, self._copied)


def check(bound: Limit, amount: int) -> None:
    """`Limit.check` for amounts that may be too large to be written down."""
    if amount.bit_length() > 64:
        raise RefusedError(f"{bound.meaning} may be at most {int(bound)} {bound.unit}")
    bound.check(amount)


def repetition(items: Any, count: Any, cost: Cost, budget: Budget) -> Any:
    """A list or tuple repeated; `cost` is what making its items took."""
    if not isinstance(count, int):
        raise RefusedError(f"a {type(items).__name__} can be repeated by a whole number only")
    more = max(0, count - 1)
    budget.charge(*(amount * more for amount in cost))
    return items * count


def _number(value: object) -> int | float | None:
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, int | float) else None


def _numeric(
    symbol: str,
    compute: Callable[[Any, Any], Any],
    guard: Callable[[int, int], None] | None = None,
    floats: bool = True,
) -> Callable[[Any, Any, Budget], Any]:
    def operate(left: Any, right: Any, _budget: Budget) -> Any:
        a, b = _number(left), _number(right)
        whole = isinstance(a, int) and isinstance(b, int)
        if a is None or b is None or not (whole or floats):
            _refuse_operands(symbol, left, right)
        if whole and guard:
            guard(int(a), int(b))
        try:
            return _bounded(compute(a, b))
        except (ArithmeticError, ValueError) as error:
            raise RefusedError(f"{shown(a)} {symbol} {shown(b)}: {error}") from None

    return operate


def _bounded(result: Any) -> Any:
    if isinstance(result, int):
        limits.EXPRESSION_INTEGER_BITS.check(result.bit_length())
    elif not isinstance(result, float):
        raise RefusedError(f"{type(result).__name__} values are not allowed")
    return result


def _check_shift(_number: int, amount: int) -> None:
    check(limits.EXPRESSION_INTEGER_BITS, amount)


def _check_power(base: int, exponent: int) -> None:
    # base ** exponent has more than (base.bit_length() - 1) * exponent bits
    check(limits.EXPRESSION_INTEGER_BITS, max(base.bit_length() - 1, 1) * exponent)


_JOINED: tuple[type[Any], ...] = (str, bytes, list, tuple)


def _joining(
    symbol: str,
    numeric: Callable[[Any, Any, Budget], Any],
) -> Callable[[Any, Any, Budget], Any]:
    def operate(left: Any, right: Any, budget: Budget) -> Any:
        for kind in _JOINED:
            if isinstance(left, kind) and isinstance(right, kind):
                budget.charge_copy(len(left) + len(right))
                return left + right
        return numeric(left, right, budget)

    return operate


def _repeating(
    numeric: Callable[[Any, Any, Budget], Any],
) -> Callable[[Any, Any, Budget], Any]:
    """`*`: texts and bytes repeated; lists are `repetition`."""

    def operate(left: Any, right: Any, budget: Budget) -> Any:
        for text, count in ((left, right), (right, left)):
            if isinstance(text, str | bytes) and isinstance(count, int):
                size = len(text) * max(0, count)
                check(limits.EXPRESSION_SEQUENCE_ITEMS, size)
                budget.charge(data=size)
                return text * max(0, min(count, limits.EXPRESSION_SEQUENCE_ITEMS))
        return numeric(left, right, budget)

    return operate


def _refuse_operands(symbol: str, left: object, right: object) -> NoReturn:
    if isinstance(left, Packet) or isinstance(right, Packet):
        raise RefusedError(f"{symbol} does not work on layers; / stacks them")
    raise RefusedError(
        f"{symbol} does not work on {type(left).__name__} and {type(right).__name__}: "
        f"{shown(left)} {symbol} {shown(right)}"
    )


BINARY_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any, Budget], Any]] = {
    ast.Add: _joining("+", _numeric("+", operator.add)),
    ast.Sub: _numeric("-", operator.sub),
    ast.Mult: _repeating(_numeric("*", operator.mul)),
    ast.Div: _numeric("/", operator.truediv),
    ast.FloorDiv: _numeric("//", operator.floordiv),
    ast.Mod: _numeric("%", operator.mod),
    ast.Pow: _numeric("**", operator.pow, _check_power),
    ast.LShift: _numeric("<<", operator.lshift, _check_shift, floats=False),
    ast.RShift: _numeric(">>", operator.rshift, floats=False),
    ast.BitOr: _numeric("|", operator.or_, floats=False),
    ast.BitAnd: _numeric("&", operator.and_, floats=False),
    ast.BitXor: _numeric("^", operator.xor, floats=False),
}


def _unary(symbol: str, compute: Callable[[Any], Any], floats: bool = True) -> Callable[[Any], Any]:
    def operate(operand: Any) -> Any:
        number = _number(operand)
        if number is None or not (floats or isinstance(number, int)):
            raise RefusedError(f"{symbol} does not work on {shown(operand)}")
        return _bounded(compute(number))

    return operate


UNARY_OPERATORS: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: _unary("+", operator.pos),
    ast.USub: _unary("-", operator.neg),
    ast.Invert: _unary("~", operator.invert, floats=False),
}
