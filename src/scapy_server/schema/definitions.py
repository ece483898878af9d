"""What exists, described: protocols, fields, and the databases of old clients.

Source: RPC document, "Get protocol definitions", "GetAll"; docs/wire.md, "Definitions".
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

FieldType = Literal[
    "STRING",
    "NUMBER",
    "ENUM",
    "BYTES",
    "EXPRESSION",
    "BITMASK",
    "TCP_OPTIONS",
    "IP_OPTIONS",
    "MAC_ADDRESS",
    "IP_ADDRESS",
    "METAFIELD",
    "UNKNOWN",
]

#: What a field really holds and how its text is written: `hex` digits behind 0x, a number
#: that has `name`s, the letters or names of `flags`, an `expression` that makes a list.
Format = Literal[
    "decimal",
    "hex",
    "number",
    "name",
    "flags",
    "float",
    "ipv4",
    "ipv6",
    "mac",
    "bytes",
    "text",
    "layer",
    "layers",
    "expression",
]


class BitValue(msgspec.Struct, frozen=True):
    """One choice for a bit or group of bits: its label and its bits in place."""

    name: str
    value: int


class Bit(msgspec.Struct, frozen=True):
    """A bit or group of adjacent bits of a BITMASK field."""

    name: str
    mask: int
    values: list[BitValue]


class FieldDefinition(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field as clients see it; members that do not apply are left out, never null.

    `type` chooses the packet editor's form; `format` is what the field holds, for clients
    of today: the editor ignores members that it does not know. `parts` are the ids of the
    layers that the field may hold, where Scapy says which.
    """

    id: str
    name: str
    type: FieldType | UnsetType = UNSET
    format: Format | UnsetType = UNSET
    auto: bool | UnsetType = UNSET
    min: int | UnsetType = UNSET
    max: int | UnsetType = UNSET
    regex: str | UnsetType = UNSET
    bits: list[Bit] | UnsetType = UNSET
    values_dict: dict[str, int] | UnsetType = UNSET
    parts: list[str] | UnsetType = UNSET


class ProtocolDefinition(msgspec.Struct, frozen=True):
    """A protocol as clients see it; the fields in wire order, each id once."""

    id: str
    name: str
    fields: list[FieldDefinition]


class AllDatabases(msgspec.Struct, frozen=True):
    """The answer of `get_all`."""

    db: dict[str, list[list[str]]]
    fields: dict[str, str]
    db_md5: str
    fields_md5: str


class DefinitionsResult(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of `get_definitions`; the `fe` members describe the Field Engine."""

    protocols: list[ProtocolDefinition]
    fe_instruction_parameters: list[dict[str, Any]]
    fe_instructions: list[dict[str, Any]]
    fe_parameters: list[dict[str, Any]]
    fe_templates: list[dict[str, Any]]
