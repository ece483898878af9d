"""Expressions: Python-looking text that becomes a value, without ever being executed.

The syntax tree is interpreted over a closed grammar: constants, lists, tuples, dicts,
sets, arithmetic (`expression_arithmetic`), `/` between layers, and calls by the name of
a registered layer or of a constructor (`expression_values`). Everything else is refused
with what was not allowed and where. The grammar for users is docs/expressions.md.

Source: docs/wire.md, "Value forms"; docs/first_version.md, "Building".
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from scapy.packet import Packet

from scapy_server import limits
from scapy_server.errors import RefusedError, UndefinedName, located, shown
from scapy_server.packet.expressions.arithmetic import (
    BINARY_OPERATORS,
    UNARY_OPERATORS,
    Budget,
    repetition,
)
from scapy_server.packet.expressions.constructors import CONSTRUCTORS
from scapy_server.packet.expressions.grammar import Source, parse
from scapy_server.packet.expressions.layers import new_layer, setting_order, stacked, stacks
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.field_values import assign
from scapy_server.wording import nearest


def evaluate(
    text: str, registry: Registry, spend_nodes: Callable[[int], None] | None = None
) -> object:
    """The value of an expression: a number, text, bytes, None, list, tuple, dict or layer.

    Raises ExpressionSyntaxError for what is not Python syntax, RefusedError for all else
    that cannot be evaluated; both name the place in the text. Equal text, equal value.
    `spend_nodes` is told how many syntax nodes it took, and may refuse.
    """
    source, tree = parse(text)
    evaluation = _Evaluation(source, registry)
    value = evaluation.value(tree)
    if spend_nodes is not None:
        spend_nodes(evaluation.nodes)
    return value


class _Evaluation:
    """One evaluation of one text."""

    def __init__(self, source: Source, registry: Registry) -> None:
        self._source = source
        self._registry = registry
        self._budget = Budget()
        self._depth = 0

    @property
    def nodes(self) -> int:
        return self._budget.nodes

    def value(self, node: ast.expr) -> Any:
        evaluate_node = _NODES.get(type(node))
        if evaluate_node is None:
            what = _REFUSED_NODES.get(type(node), f"{type(node).__name__} syntax is")
            raise self._refusal(node, f"{what} not allowed in an expression")
        budget = self._budget
        budget.nodes += 1
        if budget.nodes > limits.EXPRESSION_NODES or self._depth > limits.EXPRESSION_DEPTH:
            with self._at(node):
                budget.charge()
                limits.EXPRESSION_DEPTH.check(self._depth)
        self._depth += 1
        result = evaluate_node(self, node)
        self._depth -= 1
        return result

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, str | bytes):
            with self._at(node):
                self._budget.charge(data=len(value))
        elif isinstance(value, int):
            if value.bit_length() > limits.EXPRESSION_INTEGER_BITS:
                with self._at(node):
                    limits.EXPRESSION_INTEGER_BITS.check(value.bit_length())
        elif value is not None and not isinstance(value, float):
            raise self._refusal(node, f"{type(value).__name__} values are not allowed")
        return value

    def _list(self, node: ast.List) -> list[Any]:
        return [self.value(item) for item in node.elts]

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple([self.value(item) for item in node.elts])

    def _set(self, node: ast.Set) -> set[Any]:
        return {self._key(item) for item in node.elts}

    def _dict(self, node: ast.Dict) -> dict[Any, Any]:
        made = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                raise self._refusal(item, "** is not allowed in an expression")
            made[self._key(key)] = self.value(item)
        return made

    def _key(self, node: ast.expr) -> Any:
        key = self.value(node)
        try:
            hash(key)
        except TypeError:
            key = None
        if (key is None and not isinstance(node, ast.Constant)) or isinstance(key, Packet):
            raise self._refusal(node, "only constants and tuples of them can be keys or in a set")
        return key

    def _name(self, node: ast.Name) -> Any:
        if node.id in self._registry or node.id in CONSTRUCTORS:
            raise self._refusal(node, f"a name alone is not a value, write {node.id}()")
        if node.id in _OTHER_SPELLINGS:
            raise self._refusal(node, f"it is written {_OTHER_SPELLINGS[node.id]} here")
        refusal = self._refusal(node, "a name is not a value; texts stand in quotes")
        raise UndefinedName(node.id, refusal.problem, refusal.where)

    def _unary(self, node: ast.UnaryOp) -> Any:
        operand = self.value(node.operand)
        with self._at(node):
            return UNARY_OPERATORS[type(node.op)](operand)

    def _binary(self, node: ast.BinOp) -> Any:
        """Operators chained from the left are walked, not descended into."""
        links: list[ast.BinOp] = []
        first: ast.expr = node
        while isinstance(first, ast.BinOp):
            links.append(first)
            first = first.left
        before = self._budget.made
        result = self.value(first)
        for link in reversed(links):
            left_cost = self._budget.cost_since(before)
            between = self._budget.made
            right = self.value(link.right)
            right_cost = self._budget.cost_since(between)
            with self._at(link.right):
                self._budget.charge(nodes=1)
                if isinstance(link.op, ast.Div) and stacks(result, right):
                    result = stacked(result, right, self._registry)
                elif isinstance(link.op, ast.Mult) and isinstance(result, list | tuple):
                    result = repetition(result, right, left_cost, self._budget)
                elif isinstance(link.op, ast.Mult) and isinstance(right, list | tuple):
                    result = repetition(right, result, right_cost, self._budget)
                elif type(link.op) in BINARY_OPERATORS:
                    result = BINARY_OPERATORS[type(link.op)](result, right, self._budget)
                else:
                    raise RefusedError(f"the operator {_symbol(link.op)} is not allowed")
        return result

    def _call(self, node: ast.Call) -> Any:
        name = _dotted(node.func)
        if name is None:
            raise self._refusal(
                node.func, "only layers and constructors, by their names, can be called"
            )
        starred = next((item for item in node.args if isinstance(item, ast.Starred)), None)
        if starred is not None:
            raise self._refusal(starred, "starred arguments are not allowed")
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self._refusal(keyword, "double-starred arguments are not allowed")
        if name not in self._registry and name not in CONSTRUCTORS:
            raise self._unknown(node, name)
        arguments = [self.value(item) for item in node.args]
        values = [(keyword, self.value(keyword.value)) for keyword in node.keywords]
        if name in self._registry:
            return self._layer(node, self._registry.layer(name), arguments, values)
        keywords = {str(keyword.arg): value for keyword, value in values}
        with self._at(node), located(name):
            if len(keywords) < len(values):
                raise RefusedError("a keyword is given twice")
            return CONSTRUCTORS[name].make(arguments, keywords)

    def _unknown(self, node: ast.Call, name: str) -> RefusedError:
        if isinstance(node.func, ast.Attribute):
            return self._refusal(node.func, "attributes are not allowed in an expression")
        if name.startswith("Rand"):
            return self._refusal(
                node.func, "random values are not allowed; the value form RANDOM draws one"
            )
        if name == "fuzz":
            return self._refusal(
                node.func,
                "random values are not allowed; the value form RANDOM draws one, and "
                "scapy-server build --fuzz one for every field",
            )
        known = [*(layer.id for layer in self._registry), *CONSTRUCTORS]
        problem = f"there is no layer {shown(name)}{nearest(name, known)}"
        return UndefinedName(name, problem, (self._source.place_of(node.func),))

    def _layer(
        self,
        node: ast.Call,
        layer: LayerFacts,
        arguments: list[Any],
        values: list[tuple[ast.keyword, Any]],
    ) -> Packet:
        with self._at(node), located(layer.id):
            packet = new_layer(layer, arguments, self._budget)
        facts = layer if type(packet) is layer.cls else self._registry.of_class(type(packet))
        given: dict[str, tuple[FieldFacts, ast.keyword, Any]] = {}
        for keyword, value in values:
            with self._at(keyword):
                field = self._registry.field(facts, str(keyword.arg))
                if field.id in given:
                    raise RefusedError(f"the field {field.id} of {layer.id} is given twice")
            given[field.id] = (field, keyword, value)
        settings = list(given.values())
        for number in setting_order(packet, [field for field, _, _ in settings]):
            field, keyword, value = settings[number]
            with self._at(keyword), located(f"{layer.id}.{field.id}"):
                assign(packet, field, value)
        return packet

    def _refusal(self, node: ast.expr | ast.keyword, problem: str) -> RefusedError:
        return self._source.refusal(node, f"{problem}: {self._source.fragment(node)}")

    def _at(self, node: ast.expr | ast.keyword) -> AbstractContextManager[None]:
        """`located` at a node."""
        return located(partial(self._source.place_of, node))


def _dotted(node: ast.expr) -> str | None:
    """`Class` or `module.Class`, the two spellings of a layer's id."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def _symbol(operator: ast.operator) -> str:
    return {"MatMult": "@"}.get(type(operator).__name__, type(operator).__name__)


_NODES: Mapping[type[ast.expr], Callable[[_Evaluation, Any], Any]] = {
    ast.Constant: _Evaluation._constant,
    ast.List: _Evaluation._list,
    ast.Tuple: _Evaluation._tuple,
    ast.Set: _Evaluation._set,
    ast.Dict: _Evaluation._dict,
    ast.Name: _Evaluation._name,
    ast.UnaryOp: _Evaluation._unary,
    ast.BinOp: _Evaluation._binary,
    ast.Call: _Evaluation._call,
}

_OTHER_SPELLINGS = {"true": "True", "false": "False", "null": "None", "none": "None"}

_REFUSED_NODES: Mapping[type[ast.expr], str] = {
    ast.Attribute: "attributes are",
    ast.Subscript: "subscripts are",
    ast.Compare: "comparisons are",
    ast.NamedExpr: "assignments are",
    ast.Starred: "starred items are",
    ast.JoinedStr: "formatted strings are",
    ast.ListComp: "comprehensions are",
    ast.GeneratorExp: "comprehensions are",
}
