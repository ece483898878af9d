"""What clients send of a packet: its layers and their fields.

Source: RPC document, "Scapy packet model payload"; docs/models.md, "Layers".
"""

from __future__ import annotations

from typing import Any

import msgspec

#: A value as JSON has it, or {"vtype": …}; docs/models.md, "Value forms".
ModelValue = bool | int | float | str | list[Any] | dict[str, Any] | None


class FieldModel(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field to set: `id` is its name, or the path of a part of it.

    In changes a part may be taken away (`delete`), or another put before it (`insert`).
    """

    id: str
    value: ModelValue | msgspec.UnsetType = msgspec.UNSET
    delete: bool = False
    insert: bool = False


class LayerModel(msgspec.Struct, frozen=True, omit_defaults=True):
    """A layer with the fields that are not as usual; in changes it may be cut off (`delete`)."""

    id: str
    fields: list[FieldModel] = []
    delete: bool = False


#: A packet, from its first layer on.
PacketModel = list[LayerModel]
