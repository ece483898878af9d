"""Reading the parameters of a command, one by one, with the sentences that clients know.

A `Fields` is an object of the request together with where it stands. Each method takes the
name of a member, and gives its value as the type asked for or raises BadParameters. With a
default, a member that is absent or null has that value.

Source: docs/ports.md, "Parameters".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn, TypeVar

from scapy_server.services.ports.requests.positions import Path, elements, offset_of
from scapy_server.services.ports.requests.refusals import BadParameters
from scapy_server.streams.members import engine_type

_T = TypeVar("_T")
_UNSIGNED = {"byte": (8, "uint8"), "uint16": (16, "uint16"), "uint32": (32, "uint32")}


class _Required:
    """Stands for a default where there is none."""


REQUIRED = _Required()


@dataclass(frozen=True)
class Source:
    """The text of a request, for saying where in it something stands."""

    text: bytes

    @cached_property
    def _elements(self) -> list[tuple[int, bytes]]:
        return elements(self.text)

    def offset(self, path: Path) -> int:
        """Where what `path` leads to begins, in bytes."""
        start, text = 0, self.text
        # What is wrong may be in each of many requests, so the way to each is made short.
        if path and isinstance(path[0], int) and path[0] < len(self._elements):
            (start, text), path = self._elements[path[0]], path[1:]
        return start + offset_of(text.decode("utf-8", "replace"), path)


@dataclass(frozen=True)
class Fields:
    """The members of an object in a request."""

    members: dict[str, Any]
    source: Source
    path: Path = ()

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self.members.get(name) is not None

    def byte(self, name: str, default: int | _Required = REQUIRED) -> int:
        return self._unsigned(name, "byte", default)

    def uint16(self, name: str, default: int | _Required = REQUIRED) -> int:
        return self._unsigned(name, "uint16", default)

    def uint32(self, name: str, default: int | _Required = REQUIRED) -> int:
        return self._unsigned(name, "uint32", default)

    def uint64(self, name: str, default: int | _Required = REQUIRED) -> int:
        return self._unsigned(name, "uint64", default)

    def integer(self, name: str, default: int | _Required = REQUIRED) -> int:
        """A whole number of 32 bits with its sign."""
        value = self._get(name, default)
        whole = _whole(value)
        if whole is None or not -(1 << 31) <= whole < 1 << 31:
            self._mistyped(name, value, "int")
        return whole

    def double(self, name: str, default: float | _Required = REQUIRED) -> float:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._mistyped(name, value, "double")
        try:
            return float(value)
        except OverflowError:
            return self._mistyped(name, value, "double")

    def unsigned_double(self, name: str, default: float | _Required = REQUIRED) -> float:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._mistyped(name, value, "unsigned double")
        if value < 0:
            raise BadParameters(f"{self._place(name)}'{name}' has negative value.")
        return self.double(name, default)

    def boolean(self, name: str, default: bool | _Required = REQUIRED) -> bool:
        value = self._get(name, default)
        return value if isinstance(value, bool) else self._mistyped(name, value, "bool")

    def text(self, name: str, default: str | _Required = REQUIRED) -> str:
        value = self._get(name, default)
        return value if isinstance(value, str) else self._mistyped(name, value, "string")

    def inner(self, name: str) -> Fields:
        value = self._get(name, REQUIRED)
        if not isinstance(value, dict):
            self._mistyped(name, value, "object")
        return Fields(value, self.source, (*self.path, name))

    def array(self, name: str, default: Sequence[Any] | _Required = REQUIRED) -> list[Any]:
        value = self._get(name, default)
        return value if isinstance(value, list) else self._mistyped(name, value, "array")

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of the texts in `choices`."""
        if not self.has(name):
            raise BadParameters(f"field '{name}' is missing")
        value = self.text(name)
        if value not in choices:
            listed = " ,".join(f"'{choice}'" for choice in choices)
            raise BadParameters(f"field '{name}' can only be one of [{listed}]")
        return value

    def numbers(self, name: str, kind: str = "uint32") -> list[int]:
        """An array of whole numbers."""
        items = self.array(name)
        elements = self.elements(name)
        return [elements._unsigned(key, kind, REQUIRED) for key in _element_names(len(items))]

    def objects(self, name: str) -> list[Fields]:
        """An array of objects."""
        elements = self.elements(name)
        return [elements.inner(key) for key in _element_names(len(self.array(name)))]

    def elements(self, name: str) -> _Elements:
        items = self.array(name)
        return _Elements(
            dict(zip(_element_names(len(items)), items, strict=True)),
            self.source,
            (*self.path, name),
        )

    def _unsigned(self, name: str, kind: str, default: int | _Required) -> int:
        value = self._get(name, default)
        whole = _whole(value)
        if whole is None or whole < 0 or whole >= 1 << 64:
            self._mistyped(name, value, kind)
        if kind in _UNSIGNED:
            bits, size = _UNSIGNED[kind]
            if whole >> bits:
                raise BadParameters(f"{self._place(name)}'{name}' has size bigger than {size}.")
        return whole

    def _get(self, name: str, default: object) -> Any:
        value = self.members.get(name)
        if value is None:
            if default is REQUIRED:
                raise BadParameters(f"field '{name}' value is null")
            return list(default) if isinstance(default, tuple) else default
        return value

    def _mistyped(self, name: str, value: object, expected: str) -> NoReturn:
        raise BadParameters(
            f"{self._place(name)}'{name}' is '{engine_type(value)}', expecting '{expected}'"
        )

    def _place(self, name: str) -> str:
        return f"error at offset: {self.source.offset((*self.path, self._step(name)))} - "

    def _step(self, name: str) -> str | int:
        return name


class _Elements(Fields):
    """The elements of an array, as members that are called by their number, from 1 on."""

    def _step(self, name: str) -> int:
        return int(name.split(": ")[1]) - 1


def _element_names(count: int) -> list[str]:
    return [f"array element: {number} " for number in range(1, count + 1)]


def _whole(value: object) -> int | None:
    """The value as a whole number if it is one; 1.0 is."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    return value if isinstance(value, int) else None
