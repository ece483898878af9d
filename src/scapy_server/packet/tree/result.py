"""What comes back of a packet: the field tree and the bytes.

The member names are the wire's (RPC document, "Scapy packet result payload").
"""

from __future__ import annotations

from typing import Any

import msgspec

#: int, float or str as they are; anything else is {"vtype": …} (see `tree`).
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
    """

    id: str
    name: str
    offset: int
    real_id: str | None
    valid_structure: bool
    fields: list[FieldResult]
    rebuilt: bool | msgspec.UnsetType = msgspec.UNSET


class PacketResult(msgspec.Struct, frozen=True):
    """A packet: `binary` is base64 (standard alphabet), None when nothing is left.

    `problem` says why bytes could not be dissected that were to be, and is left out otherwise.
    """

    data: list[LayerResult]
    binary: str | None
    problem: str | msgspec.UnsetType = msgspec.UNSET


class Summary(msgspec.Struct, frozen=True):
    """A packet in one line, and the ids of its layers."""

    info: str
    layers: list[str]
    problem: str | msgspec.UnsetType = msgspec.UNSET
