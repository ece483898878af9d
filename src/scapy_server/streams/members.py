"""Members of a JSON object, read as the engine's RPC reads them.

Its rules: a member that is null is a member that is missing; whole numbers do for numbers,
and numbers without a fraction for whole ones; booleans are no numbers.

Source: docs/profiles.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scapy_server.errors import shown
from scapy_server.streams.refusals import Path, StreamRefused

_MISSING: Any = object()
_WHOLE = {"byte": 8, "uint16": 16, "uint32": 32, "uint64": 64}
_EXPECTED = {
    "bool": "true or false",
    "int": "a whole number",
    "double": "a number",
    "unsigned double": "a number of at least 0",
    "string": "a text",
    "object": "an object",
    "array": "an array",
}


class Members:
    """An object at a place of a document; `where` is what sentences call that place."""

    def __init__(self, raw: object, path: Path = (), where: tuple[str, ...] = ()) -> None:
        self.path, self.where = path, where
        if not isinstance(raw, Mapping):
            raise self._mistyped(raw, str(path[-1]) if path else "params", "object", path)
        self.raw: Mapping[str, Any] = raw

    def refused(
        self, problem: str, text: str, *name: str, parameter: bool = False
    ) -> StreamRefused:
        """A refusal at this place, or of one of its members."""
        return StreamRefused(
            problem, text, where=self.where, path=(*self.path, *name), parameter=parameter
        )

    def given(self, name: str) -> bool:
        """Whether there is a member that is not null."""
        return self.raw.get(name) is not None

    def flag(self, name: str, default: bool = _MISSING) -> bool:
        """A boolean."""
        value = self._value(name, default)
        if not isinstance(value, bool):
            raise self._mistyped(value, name, "bool")
        return value

    def text(self, name: str, default: str = _MISSING) -> str:
        """A text."""
        value = self._value(name, default)
        if not isinstance(value, str):
            raise self._mistyped(value, name, "string")
        return value

    def number(self, name: str, default: float = _MISSING, *, signed: bool = False) -> float:
        """A number, which may not be negative unless `signed`."""
        value = self._value(name, default)
        expected = "double" if signed else "unsigned double"
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._mistyped(value, name, expected)
        if value < 0 and not signed:
            raise self.refused(
                f'"{name}" must be at least 0, not {shown(value)}',
                f"'{name}' has negative value.",
                name,
            )
        try:
            return float(value)
        except OverflowError:
            raise self._mistyped(value, name, expected) from None

    def whole(self, name: str, kind: str = "int", default: int = _MISSING) -> int:
        """A whole number: "int", or "byte", "uint16", "uint32", "uint64"."""
        value = self._value(name, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        bits = _WHOLE.get(kind)
        if not isinstance(value, int) or isinstance(value, bool) or (bits and value < 0):
            raise self._mistyped(value, name, kind)
        if bits and value >> bits:
            size = "uint8" if kind == "byte" else kind
            raise self.refused(
                f'"{name}" must be from 0 to {(1 << bits) - 1}, not {shown(value)}',
                f"'{name}' has size bigger than {size}.",
                name,
            )
        return value

    def choice(self, name: str, choices: Sequence[str], *, parameter: bool = False) -> str:
        """One of some texts."""
        value = self.raw.get(name)
        if value is None:
            raise self.refused(
                f'"{name}" is missing', f"field '{name}' is missing", name, parameter=parameter
            )
        if not isinstance(value, str) or value not in choices:
            raise self._not_among(value, name, choices, parameter)
        return value

    def whole_choice(self, name: str, choices: Sequence[int]) -> int:
        """One of some whole numbers."""
        value = self.whole(name)
        if value not in choices:
            raise self._not_among(value, name, choices)
        return value

    def inner(self, name: str) -> Members:
        """An object."""
        return self.within(self._value(name, _MISSING), name)

    def within(self, raw: object, name: str) -> Members:
        """An object that stands in a member."""
        if not isinstance(raw, Mapping):
            raise self._mistyped(raw, name, "object")
        return Members(raw, (*self.path, name), self.where)

    def array(self, name: str) -> list[Any]:
        """An array."""
        value = self._value(name, _MISSING)
        if not isinstance(value, list | tuple):
            raise self._mistyped(value, name, "array")
        return list(value)

    def _value(self, name: str, default: Any) -> Any:
        value = self.raw.get(name)
        if value is not None:
            return value
        if default is _MISSING:
            raise self.refused(f'"{name}" is missing', f"field '{name}' value is null", name)
        return default

    def _not_among(
        self, value: object, name: str, choices: Sequence[object], parameter: bool = False
    ) -> StreamRefused:
        listed = " ,".join(f"'{choice}'" for choice in choices)
        return self.refused(
            f'"{name}" must be one of {", ".join(map(str, choices))}, not {shown(value)}',
            f"field '{name}' can only be one of [{listed}]",
            name,
            parameter=parameter,
        )

    def _mistyped(
        self, value: object, name: str, expected: str, path: Path | None = None
    ) -> StreamRefused:
        right = _EXPECTED.get(expected, "a whole number of at least 0")
        return StreamRefused(
            f'"{name}" must be {right}, not {shown(value)}',
            f"'{name}' is '{engine_type(value)}', expecting '{expected}'",
            where=self.where,
            path=(*self.path, name) if path is None else path,
        )


def engine_type(value: object) -> str:
    """What the engine's JSON library calls the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "int" if value < 1 << 63 else "uint"
    if isinstance(value, float):
        return "double"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"
