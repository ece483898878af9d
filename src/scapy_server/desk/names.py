"""How people name layers and fields: `IP`, `IP:1`, `IP:1.src`, `DNS.qd[0].qname`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scapy_server import naming
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import JsonObject
from scapy_server.wording import closest

#: How a field is named within its layer, in full and as short as may be.
_Ids = tuple[str, str]


@dataclass(frozen=True)
class FieldRow:
    """A field of a packet where a person reads it: its path, place and depth among parts.

    `bit_offset` counts from the start of the packet; None where the place is not known.
    `field_id` is what models and changes name it by within its layer. A field that holds one
    packet, and not a list, may be followed by a name at once: `short_path` is the path then.
    `defined_in` is the id of the layer whose field it is, "" of a part that is no field.
    """

    path: str
    layer: int
    field_id: str
    depth: int
    field: JsonObject
    bit_offset: int | None
    bit_length: int
    short_path: str = ""
    defined_in: str = ""

    def is_called(self, path: str) -> bool:
        """Whether a path leads to it."""
        return path in (self.path, self.short_path)

    @property
    def has_value(self) -> bool:
        """Whether it is a field, and not only a part that holds some."""
        return "value" in self.field


def layer_names(layers: Sequence[JsonObject]) -> list[str]:
    """What refers to each layer: `Ether`, `IP`, and `IP:1` for the second IP."""
    return naming.layer_names(str(layer["id"]) for layer in layers)


def find_layer(layers: Sequence[JsonObject], reference: str) -> int:
    """The index of the layer that `IP`, or `IP:1` for the second one, refers to.

    Raises DeskError if there is no such layer.
    """
    try:
        layer_id, wanted = naming.split_name(reference.strip())
    except ValueError:
        raise DeskError(
            f"{reference!r} is not a layer; write IP, or IP:1 for the second IP"
        ) from None
    found = [index for index, layer in enumerate(layers) if layer["id"] == layer_id]
    if not found:
        present = list(dict.fromkeys(str(layer["id"]) for layer in layers))
        near = closest(layer_id, present)
        hint = f"did you mean {near}?" if near else f"it has {', '.join(present)}"
        raise DeskError(f"the packet has no layer {layer_id!r}; {hint}")
    if wanted >= len(found):
        raise DeskError(
            f"the packet has {len(found)} {layer_id}, {layer_id}:0 to {layer_id}:{len(found) - 1}"
        )
    return found[wanted]


def find_field(layers: Sequence[JsonObject], reference: str) -> tuple[int, str]:
    """The layer's index and the field's id of `IP.ttl`, `IP:1.ttl` or `DNS.qd[0].qname`.

    The layer is the longest beginning that names one, for ids may hold dots themselves
    (`module.Class`). Whether it has the field is for the server to say, which knows older
    names too. Raises DeskError for what names no layer.
    """
    names = layer_names(layers)
    for cut in reversed([at for at, letter in enumerate(reference) if letter == "."]):
        layer, field_id = reference[:cut], reference[cut + 1 :]
        if layer.removesuffix(":0") in names and field_id:
            return names.index(layer.removesuffix(":0")), field_id
    layer, dot, field_id = reference.partition(".")
    if not dot or not layer or not field_id:
        raise DeskError(f"{reference!r} is not a field; write IP.ttl, or IP:1.ttl")
    return find_layer(layers, layer), field_id


@dataclass(frozen=True)
class _Layer:
    """A layer as its rows refer to it; `start` is its place in the packet, in bits."""

    name: str
    index: int
    start: int

    def row(self, ids: _Ids, depth: int, field: JsonObject, defined_in: str) -> FieldRow:
        offset, length = _bits(field)
        nowhere = bool(field.get("ignored") or field.get("unplaced"))
        place = None if offset is None or nowhere else self.start + offset
        field_id, short_id = ids
        path = f"{self.name}.{field_id}"
        short = path if field_id == short_id else f"{self.name}.{short_id}"
        return FieldRow(path, self.index, field_id, depth, field, place, length, short, defined_in)


def _bits(field: JsonObject) -> tuple[int | None, int]:
    """Where a field begins in its layer and how long it is, in bits.

    The first server says it in bytes alone, and of fields smaller than one no length.
    """
    if "bit_offset" in field or not field.get("length") or field.get("offset") is None:
        offset = field.get("bit_offset")
        return (None if offset is None else int(offset)), int(field.get("bit_length") or 0)
    return 8 * int(field["offset"]), 8 * int(field["length"])


def field_rows(layers: Sequence[JsonObject]) -> Iterator[FieldRow]:
    """Every field and part of a packet, in the order in which they are read."""
    for index, (name, layer) in enumerate(zip(layer_names(layers), layers, strict=True)):
        owner, layer_id = _Layer(name, index, 8 * int(layer["offset"])), str(layer["id"])
        for field in layer["fields"]:
            field_id = str(field["id"])
            yield from _field_and_parts(owner, (field_id, field_id), 0, field, layer_id)


def find_row(layers: Sequence[JsonObject], path: str) -> FieldRow:
    """The field or part at a path; DeskError where the packet has none."""
    for row in field_rows(layers):
        if row.is_called(path):
            return row
    raise DeskError(f"the packet has no field {path}")


def _field_and_parts(
    layer: _Layer, ids: _Ids, depth: int, field: JsonObject, defined_in: str
) -> Iterator[FieldRow]:
    yield layer.row(ids, depth, field, defined_in)
    for part in field.get("parts") or ():
        part_id = str(part["id"])
        text = part_id if part_id.startswith("[") else f".{part_id}"
        path = f"{ids[0]}{text}"
        short = ids[1] if part_id == "[0]" and _holds_one(field) else f"{ids[1]}{text}"
        yield from _field_and_parts(layer, (path, short), depth + 1, part, "")
        layer_id = str(part.get("layer", ""))
        for inner in part.get("fields") or ():
            inner_ids = f"{path}.{inner['id']}", f"{short}.{inner['id']}"
            yield from _field_and_parts(layer, inner_ids, depth + 2, inner, layer_id)


def _holds_one(field: JsonObject) -> bool:
    """Whether a field holds a packet, and no list: what is shown of a list is one."""
    value = field.get("value")
    return isinstance(value, dict) and not str(value.get("expr", "[")).startswith("[")
