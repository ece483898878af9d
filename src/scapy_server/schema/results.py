"""What comes back of a packet: the field tree and the bytes.

Source: RPC document, "Scapy packet result payload"; docs/wire.md, "Results".
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

import msgspec

#: Text in base64, with the standard alphabet.
Base64 = Annotated[str, msgspec.Meta(pattern="^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2,3}=+)?$")]

#: int, float or str as they are; anything else is {"vtype": …}.
ResultValue = int | float | str | dict[str, Any]


class FieldResult(msgspec.Struct, frozen=True, gc=False):
    """One field: `offset` and `length` in bytes within the layer, exact ones in bits.

    `length` is 0 for a bit field. `ignored` is True for a field that the bytes do not
    hold, and left out otherwise; `unplaced` is True for one that they hold, nobody saw where.
    `parts` are what the value is made of, left out where it is no more than itself.
    """

    id: str
    value: ResultValue
    hvalue: str
    offset: int
    length: int
    bit_offset: int
    bit_length: int
    ignored: bool | msgspec.UnsetType = msgspec.UNSET
    unplaced: bool | msgspec.UnsetType = msgspec.UNSET
    parts: list[PartResult] | msgspec.UnsetType = msgspec.UNSET

    @property
    def plain(self) -> int | float | str | bytes:
        """The value as Python has it: bytes as bytes, an expression as its text."""
        if not isinstance(self.value, dict):
            return self.value
        if self.value.get("vtype") == "BYTES":
            return base64.b64decode(self.value["base64"])
        return str(self.value.get("expr"))


class PartResult(msgspec.Struct, frozen=True, gc=False):
    """A part of a field: a packet in a list, an option, a header line, a number.

    Its `id` follows that of the field in a path: `options[1]`, `Unknown_Headers.X-Test`. The
    places count from the start of the layer. A part that is a packet names its `layer`, and
    what it is made of are its `fields`; of any other `value` and `hvalue` are shown.
    """

    id: str
    name: str
    offset: int
    length: int
    bit_offset: int
    bit_length: int
    fields: list[FieldResult]
    layer: str | msgspec.UnsetType = msgspec.UNSET
    value: ResultValue | msgspec.UnsetType = msgspec.UNSET
    hvalue: str | msgspec.UnsetType = msgspec.UNSET
    unplaced: bool | msgspec.UnsetType = msgspec.UNSET


class LayerResult(msgspec.Struct, frozen=True):
    """One layer: `id` as requested, `real_id` as the bytes read, `offset` from byte 0.

    `rebuilt` is True where a change steered its structure, so that Scapy wrote it anew.
    `layer["ttl"]` is the plain value of a field, KeyError for one that the layer has not.
    """

    id: str
    name: str
    offset: int
    real_id: str | None
    valid_structure: bool
    fields: list[FieldResult]
    rebuilt: bool | msgspec.UnsetType = msgspec.UNSET

    def field(self, field_id: str) -> FieldResult:
        """The first field of that id; KeyError if there is none."""
        for field in self.fields:
            if field.id == field_id:
                return field
        has = ", ".join(field.id for field in self.fields)
        raise KeyError(f"{self.id} has no field {field_id!r}; it has {has}")

    def __getitem__(self, field_id: str) -> int | float | str | bytes:
        return self.field(field_id).plain


class PacketResult(msgspec.Struct, frozen=True):
    """A packet: `binary` is base64 (standard alphabet), None when nothing is left.

    `problem` says why bytes could not be dissected that were to be, and is left out otherwise.
    """

    data: list[LayerResult]
    binary: Base64 | None
    problem: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def frame(self) -> bytes:
        """The bytes; empty when nothing is left."""
        return base64.b64decode(self.binary or "")


class Summary(msgspec.Struct, frozen=True):
    """A packet in one line, and the ids of its layers."""

    info: str
    layers: list[str]
    problem: str | msgspec.UnsetType = msgspec.UNSET


class Failure(msgspec.Struct, frozen=True):
    """Why a packet could not be built, as an error reply would say it."""

    code: int
    message: str


class Failed(msgspec.Struct, frozen=True):
    """What stands in a list of packets for one that could not be built."""

    error: Failure


class WrittenExpression(msgspec.Struct, frozen=True):
    """An expression, and the import statements with which Python reads it too."""

    expression: str
    imports: list[str]
