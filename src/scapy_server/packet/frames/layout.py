"""Where each field of each layer lies in a packet's bytes.

One concept with three users: the field tree shows it, the Field Engine writes by it,
tests compare it with other dissectors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from scapy_server.packet.layers.facts import FieldFacts


class FieldPlace(msgspec.Struct, frozen=True):
    """The bits of one field, counted from the start of its layer.

    An absent field has `present` False and a length of 0 at the place where it would be.
    One that is there, but whose place could not be seen, has `known` False and no bits.
    """

    field: FieldFacts
    bit_offset: int
    bit_length: int
    present: bool
    known: bool = True


@dataclass(frozen=True, slots=True)
class LayerLayout:
    """One layer: its id, its first byte in the packet, its own bytes, its fields.

    `header_length` does not count the layers that follow. `inside` finds the place of a part
    by its path, where fields have parts; it raises RefusedError for one that leads nowhere.
    """

    id: str
    name: str
    offset: int
    header_length: int
    fields: tuple[FieldPlace, ...]
    inside: Callable[[str], FieldPlace] | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BuiltPacket:
    """The bytes of a packet and the layout of the layers that were asked for."""

    frame: bytes
    layers: tuple[LayerLayout, ...]
