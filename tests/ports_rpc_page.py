"""Writes the page: `python -m tests.ports_rpc_page > docs/ports_rpc.md`."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method
from scapy_server.services.ports.methods.table import METHODS
from tests.ports_examples import exchanges

_LONGEST = 1000
#: What each reader of parameters takes.
_FORMS = {
    "byte": "0 to 255",
    "uint16": "0 to 65535",
    "uint32": "number of 32 bits",
    "uint64": "number of 64 bits",
    "integer": "number of 32 bits with a sign",
    "double": "number",
    "unsigned_double": "number from 0 on",
    "boolean": "true or false",
    "text": "text",
    "inner": "object",
    "array": "array",
    "elements": "array",
    "numbers": "array of numbers",
    "objects": "array of objects",
}


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# RPC methods of ports"
    yield ""
    yield "Generated from the table of methods of the [ports server](ports.md), which speaks the"
    yield "protocol of the traffic engine: parameters go by name, and"
    yield "[Requests](ports.md#requests) says which errors there are. A method that needs a version"
    yield "handler takes `api_h`, as `api_sync_v2` answered it; one that needs a port of one's own"
    yield "takes `handler`, as `acquire` answered it. What else a method takes is read off what it"
    yield "reads; in brackets is what may be left out. The [examples](#examples) are one session,"
    yield "with the answers of the server, cut where they are long."
    yield from ("", "| Method | What it is about | needs | takes |", "|---|---|---|---|")
    for method in METHODS:
        takes = ", ".join(map(str, taken(method)))
        yield f"| `{method.name}` | {method.summary} | {_needs(method)} | {takes} |"
    yield from ("", "## Examples")
    shown = exchanges()
    for method in METHODS:
        yield from ("", f"### {method.name}", "", "```json")
        for exchange in shown:
            if exchange.method == method.name:
                yield from (_cut(exchange.request), _cut(exchange.reply))
        yield "```"


def _cut(message: dict[str, Any]) -> str:
    text = json.dumps(message)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _needs(method: Method) -> str:
    needs = [] if method.part is None else ["`api_h`"]
    return ", ".join([*needs, "`handler`"] if method.owned else needs) or "nothing"


@dataclass(frozen=True)
class Taken:
    """A parameter of a method, and what it is to be."""

    name: str
    form: str
    required: bool

    def __str__(self) -> str:
        shown = f"`{self.name}` ({self.form})"
        return shown if self.required else f"[{shown}]"


def taken(method: Method) -> list[Taken]:
    """What a method reads of its parameters, in the order in which it does."""
    found: dict[str, Taken] = {}
    for each in _read(method.function, set()):
        known = found.get(each.name)
        required = each.required and (known is None or known.required)
        form = known.form if known is not None and known.form != "any" else each.form
        found[each.name] = Taken(each.name, form, required)
    return list(found.values())


def _read(function: Callable[..., object], seen: set[object]) -> Iterator[Taken]:
    """What a function reads of the `Fields` that it gets, itself or by others of the house."""
    seen.add(function)
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    arguments = {each.arg: ast.unparse(each.annotation or each) for each in tree.args.args}
    fields = [name for name, kind in arguments.items() if kind == "Fields"]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda each: (each.lineno, each.col_offset)):
        words = ast.unparse(node.func).split(".")
        if words[0] in fields and node.args and isinstance(node.args[0], ast.Constant):
            yield _taken(words[-1], str(node.args[0].value), node)
        elif any(isinstance(each, ast.Name) and each.id in fields for each in node.args):
            names = {**function.__globals__, "control": Control}
            if isinstance(node.func, ast.Subscript):  # one of several, by what is asked for
                for each in names[ast.unparse(node.func.value)].values():
                    yield from (replace(found, required=False) for found in _read(each, seen))
                continue
            called = functools.reduce(
                lambda owner, word: getattr(owner, word, None), words[1:], names.get(words[0])
            )
            if inspect.isfunction(called) and called not in seen:
                yield from _read(called, seen)


def _taken(reader: str, name: str, call: ast.Call) -> Taken:
    if reader in ("has", "get"):
        return Taken(name, "any" if reader == "has" else "JSON", reader == "get")
    choices = call.args[1] if reader == "choice" else None
    form = _FORMS[reader] if choices is None else "one of some texts"
    defaulted = len(call.args) > 1 and reader not in ("choice", "numbers")
    return Taken(name, form, not defaulted)


if __name__ == "__main__":
    print(page(), end="")
