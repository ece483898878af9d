"""What people wrote about protocols: JSON data files, checked when they are read.

A data file holds `protocols`, each with the members that shall differ from what is
derived from Scapy, and `values`, named lists of names and numbers that several fields
share. docs/definitions.md describes the format.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from scapy_server.catalog.describe import NUMBER_MAXIMUM, NUMBER_MINIMUM, set_or_not
from scapy_server.errors import RefusedError, located, shown
from scapy_server.schema.definitions import Bit, BitValue, FieldType

JavaInteger = Annotated[int, Meta(ge=NUMBER_MINIMUM, le=NUMBER_MAXIMUM)]
Text = Annotated[str, Meta(min_length=1)]
Values = Annotated[dict[Text, JavaInteger], Meta(min_length=1)]

#: In a list of payloads: every other layer that Scapy binds there.
REST = "*"

_NOT_IN_BOTH = re.compile(r"\(\?P|\\[pPZzAGQ]|&&|\[\[|\(\?\(")


class BitEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bit of a BITMASK; without `values` it is either set or not."""

    name: Text
    mask: Annotated[int, Meta(ge=1, le=NUMBER_MAXIMUM)]
    values: Values | UnsetType = UNSET

    def as_bit(self) -> Bit:
        if self.values is UNSET:
            return set_or_not(self.name, self.mask)
        return Bit(self.name, self.mask, [BitValue(n, v) for n, v in self.values.items()])


class FieldEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one field; members left out stay as derived from Scapy.

    `values` names a shared list, in place of a `values_dict` of the field's own.
    """

    id: Text
    name: Text | UnsetType = UNSET
    type: FieldType | UnsetType = UNSET
    auto: bool | UnsetType = UNSET
    min: JavaInteger | UnsetType = UNSET
    max: JavaInteger | UnsetType = UNSET
    regex: Text | UnsetType = UNSET
    bits: Annotated[list[BitEntry], Meta(min_length=1)] | UnsetType = UNSET
    values_dict: Values | UnsetType = UNSET
    values: Text | UnsetType = UNSET


class ProtocolEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of one protocol; `payloads` in the order in which they are offered."""

    id: Text
    name: Text | UnsetType = UNSET
    payloads: list[Text] | UnsetType = UNSET
    fields: list[FieldEntry] = []


class _Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    protocols: list[ProtocolEntry] = []
    values: dict[Text, Values] = {}


class DataFile(msgspec.Struct, frozen=True):
    """A checked data file; shared lists are already copied into its fields."""

    name: str
    protocols: list[ProtocolEntry]


class Handwritten:
    """The entries of data files by protocol id; a later file's word is the stronger."""

    def __init__(self, files: Iterable[DataFile]) -> None:
        self._entries: dict[str, list[ProtocolEntry]] = {}
        for file in files:
            for entry in file.protocols:
                self._entries.setdefault(entry.id, []).append(entry)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def name(self, layer_id: str) -> str | None:
        """The protocol's display name, None if none is given."""
        names = [entry.name for entry in self._of(layer_id) if entry.name is not UNSET]
        return names[-1] if names else None

    def fields(self, layer_id: str) -> list[FieldEntry]:
        """All that is said of a protocol's fields, the stronger word last."""
        return [field for entry in self._of(layer_id) for field in entry.fields]

    def payloads(self, layer_id: str) -> Sequence[str] | None:
        """The payloads as listed, possibly with `REST` among them; None if not listed."""
        lists = [entry.payloads for entry in self._of(layer_id) if entry.payloads is not UNSET]
        return lists[-1] if lists else None

    def _of(self, layer_id: str) -> Sequence[ProtocolEntry]:
        return self._entries.get(layer_id, ())


@functools.cache
def own_files() -> tuple[DataFile, ...]:
    """The data files that come with the server."""
    contents = _own_contents()
    tables = {name: table for _, content in contents for name, table in content.values.items()}
    return tuple(_data_file(name, content, tables) for name, content in contents)


@functools.cache
def own_entries() -> Handwritten:
    """What the server's own data files say."""
    return Handwritten(own_files())


def read_file(path: Path) -> DataFile:
    """An operator's data file, which may use the server's shared lists.

    Raises RefusedError with the file's name and the place in it.
    """
    with located(str(path)):
        try:
            text = path.read_bytes()
        except OSError as error:
            raise RefusedError(f"cannot be read: {error.strerror}") from None
        content = _decode(text)
        own = {name: table for _, file in _own_contents() for name, table in file.values.items()}
        return _data_file(str(path), content, {**own, **content.values})


@functools.cache
def _own_contents() -> tuple[tuple[str, _Content], ...]:
    folder = importlib.resources.files(__package__) / "data"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple((f.name, _decode(f.read_bytes())) for f in files if f.name.endswith(".json"))


def _decode(text: bytes) -> _Content:
    try:
        return msgspec.json.decode(text, type=_Content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(f"not a data file: {error}{_line(str(error), text)}") from None


def _line(message: str, text: bytes) -> str:
    """The line of a syntax error that names a byte."""
    found = re.search(r"\(byte (\d+)\)", message)
    if not found:
        return ""
    return f", in line {text.count(10, 0, int(found[1])) + 1}"


def _data_file(name: str, content: _Content, tables: Mapping[str, Values]) -> DataFile:
    protocols = []
    for position, protocol in enumerate(content.protocols):
        with located(f"protocol {position} ({protocol.id})"):
            protocols.append(_resolved(protocol, tables))
    return DataFile(name, protocols)


def _resolved(protocol: ProtocolEntry, tables: Mapping[str, Values]) -> ProtocolEntry:
    seen: set[str] = set()
    fields = []
    for field in protocol.fields:
        with located(f"field {field.id}"):
            if field.id in seen:
                raise RefusedError("it is described twice")
            seen.add(field.id)
            fields.append(_checked(field, tables))
    return msgspec.structs.replace(protocol, fields=fields)


def _checked(field: FieldEntry, tables: Mapping[str, Values]) -> FieldEntry:
    if (field.min is UNSET) != (field.max is UNSET):
        raise RefusedError("min and max come together or not at all")
    if field.min is not UNSET and field.max is not UNSET and field.min > field.max:
        raise RefusedError(f"min {field.min} is above max {field.max}")
    if field.regex is not UNSET:
        _check_regex(field.regex)
    if field.values is UNSET:
        return field
    if field.values_dict is not UNSET:
        raise RefusedError("values and values_dict exclude each other")
    table: Any = tables.get(field.values)
    if table is None:
        raise RefusedError(f"there is no list of values called {shown(field.values)}")
    return msgspec.structs.replace(field, values=UNSET, values_dict=table)


def _check_regex(regex: str) -> None:
    foreign = _NOT_IN_BOTH.search(regex)
    if foreign:
        raise RefusedError(f"regex: {foreign[0]} does not mean the same in Java and Python")
    try:
        re.compile(regex)
    except (re.error, OverflowError, RecursionError) as error:
        raise RefusedError(f"regex {shown(regex)}: {error}") from None
