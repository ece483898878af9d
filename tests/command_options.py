"""What the pages say of a command's arguments and options: what `--help` says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: What stands for a value whose option names none, by Typer's word for its type.
_VALUES = {"int": "NUMBER", "float": "NUMBER", "str": "TEXT", "path": "PATH"}
_NOTE = re.compile(r"  \[([^\[\]]+)\]\Z")
#: What is told elsewhere: variables in a table of their own, and what is needed by the usage.
_TOLD_ELSEWHERE = re.compile(r"env var: |required\Z")


@dataclass(frozen=True)
class Described:
    """An argument or option: its names, the name of its value, what it does, default and bounds.

    `value` is empty where none is given, and `bounds` where there is neither.
    """

    names: tuple[str, ...]
    value: str
    words: str
    bounds: str
    is_argument: bool


def described(command: Any, context: Any) -> Iterator[Described]:
    """Those of a command that are not hidden."""
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is None or getattr(parameter, "hidden", False):
            continue
        is_argument = parameter.param_type_name == "argument"
        names = (parameter.name,) if is_argument else (*parameter.opts, *parameter.secondary_opts)
        words, bounds = _without_note(" ".join(record[1].split("\n")))
        takes_value = not is_argument and not parameter.is_flag
        value = _value(record[0].split(" ", len(parameter.opts))[-1]) if takes_value else ""
        yield Described(names, value, words, bounds, is_argument)


def _value(given: str) -> str:
    """`--port <int range>` takes a NUMBER; what has a name keeps it, and so do choices."""
    inner = re.fullmatch(r"<(.+)>", given)
    if inner is None:
        return given
    kind = re.sub(r"list\[(\w+)\]", r"\1", inner[1].removesuffix(" range"))
    return _VALUES.get(kind, kind)


def _without_note(words: str) -> tuple[str, str]:
    """The words, and of what Typer puts behind them in brackets the default and the bounds."""
    note = _NOTE.search(words)
    if note is None:
        return words, ""
    told = [each for each in note[1].split("; ") if not _TOLD_ELSEWHERE.match(each)]
    return words[: note.start()], "; ".join(told)
