"""Lists inside a field: what may be added to one, and moving what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from scapy_server.desk import editing
from scapy_server.desk.checking import Automatic, computed_anew, contradictions
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.desk.questions import Asking
from scapy_server.desk.typed import value_of

_CONSTRUCTED = re.compile(r"[A-Za-z_][\w.]*\(|\(")
_INDEXED = re.compile(r"(?P<list>.+)\[(?P<index>\d+)\]\Z")


def is_list(row: FieldRow, definition: JsonObject) -> bool:
    """Whether parts can be added to a field: it has some that are counted, or may have."""
    parts = row.field.get("parts") or ()
    counted = any(str(part["id"]).startswith("[") for part in parts)
    return counted or bool(definition.get("parts")) or _is_empty_list(row.field.get("value"))


def _is_empty_list(value: Any) -> bool:
    return isinstance(value, dict) and value.get("expr") == "[]"


def count(row: FieldRow) -> int:
    """How many parts a list has."""
    return len(row.field.get("parts") or ())


def offered(row: FieldRow, definition: JsonObject) -> list[str]:
    """What may be added, as it is typed: the classes that the list holds, and what is there."""
    return list(dict.fromkeys(_offered(row, definition)))


def _offered(row: FieldRow, definition: JsonObject) -> Iterator[str]:
    for layer_class in definition.get("parts") or ():
        yield f"{layer_class}()"
    for part in row.field.get("parts") or ():
        value = part.get("value")
        if isinstance(value, dict) and value.get("vtype") == "EXPRESSION":
            yield str(value["expr"])
        elif "hvalue" in part:
            yield str(part["hvalue"])


def typed_part(text: str) -> Any:
    """The value of a model for a part that was typed: an expression, or what stands alone."""
    stripped = text.strip()
    if not stripped:
        raise DeskError("a part is typed as an expression, such as DNSQR() or ('MSS', 1460)")
    if _CONSTRUCTED.match(stripped):
        return {"vtype": "EXPRESSION", "expr": stripped}
    return value_of(stripped)


def place_in_list(field_id: str) -> tuple[str, int] | None:
    """The list and the index of `options[1]`; None for what is no element of a list."""
    found = _INDEXED.match(field_id)
    return None if found is None else (found["list"], int(found["index"]))


def add_part(
    packet: Packet, row: FieldRow, index: int, value: Any, automatic: Automatic
) -> Asking[Packet]:
    """Put a part into a list before the one at `index`, at the end where it is the count."""
    change: JsonObject = {"id": f"{row.field_id}[{index}]", "insert": True, "value": value}
    if not count(row) and isinstance(value, dict) and str(value.get("expr", "")).startswith("("):
        # Options that are kept as tuples are no list yet where there are none.
        change = {"id": row.field_id, "value": {**value, "expr": f"[{value['expr']}]"}}
    return _changed(packet, row.layer, change, automatic)


def remove_part(packet: Packet, row: FieldRow, automatic: Automatic) -> Asking[Packet]:
    """Take a part out of its list."""
    return _changed(packet, row.layer, {"id": row.field_id, "delete": True}, automatic)


def _changed(
    packet: Packet, layer: int, change: JsonObject, automatic: Automatic
) -> Asking[Packet]:
    """Change a list; of a dissected packet the lengths, counts and checksums that were right
    stay right, for a record that nobody counts would not be read as one."""
    if packet.model is not None:
        return (yield from editing.change_parts(packet, layer, [change]))
    wrong = yield from contradictions(packet, automatic)
    model = computed_anew(packet, automatic, {(each.layer, each.field_id) for each in wrong})
    model[layer]["fields"].insert(0, change)
    return (yield from editing.reconstructed(packet, model))


def move_part(packet: Packet, row: FieldRow, step: int) -> Asking[Packet]:
    """Put an element of a list before or behind its neighbour.

    Raises DeskError where there is no neighbour on that side.
    """
    place = place_in_list(row.field_id)
    if place is None or "value" not in row.field:
        raise DeskError(f"{row.path} is no element of a list that could be moved")
    list_id, index = place
    if index + step < 0:
        raise DeskError(f"{row.path} is the first of its list")
    without = yield from editing.delete_part(packet, row.layer, row.field_id)
    target = f"{list_id}[{index + step}]"
    return (yield from editing.insert_part(without, row.layer, target, row.field["value"]))
