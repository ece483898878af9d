"""Changes to packet models. Pure: nothing that goes in is changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from scapy_server.desk.packet import JsonObject

Model = list[dict[str, Any]]

#: What ends the id of a field in a path.
_HEAD = re.compile(r"[.\[]")

UNDEFINED = {"vtype": "UNDEFINED"}


def random_value(seed: int | None = None) -> dict[str, Any]:
    """What asks the server to draw a value, the same for the same seed."""
    return {"vtype": "RANDOM"} if seed is None else {"vtype": "RANDOM", "seed": seed}


def with_field(model: Sequence[JsonObject], index: int, field_id: str, value: Any) -> Model:
    """The model with one field of one layer given this value.

    A field that is there keeps its place: parts are set in order, on what was set before.
    """
    changed = [dict(layer) for layer in model]
    fields = [dict(item) for item in changed[index].get("fields") or []]
    for item in fields:
        if item["id"] == field_id:
            item.clear()
            item.update({"id": field_id, "value": value})
            break
    else:
        fields.append({"id": field_id, "value": value})
    changed[index]["fields"] = fields
    return changed


def without_field(model: Sequence[JsonObject], index: int, field_id: str) -> Model:
    """The model with one field of one layer, and its parts, left to their defaults."""
    changed = [dict(layer) for layer in model]
    fields = changed[index].get("fields") or []
    inside = (f"{field_id}[", f"{field_id}.")
    changed[index]["fields"] = [
        item for item in fields if item["id"] != field_id and not item["id"].startswith(inside)
    ]
    return changed


def with_change(model: Sequence[JsonObject], index: int, change: JsonObject) -> Model:
    """The model with a change of one layer's parts appended: an insertion or a deletion."""
    changed = [dict(layer) for layer in model]
    changed[index]["fields"] = [*(changed[index].get("fields") or []), dict(change)]
    return changed


def changes(layers: Sequence[JsonObject], index: int, *made: JsonObject) -> Model:
    """What reconstruct_pkt takes to change fields of one layer of a dissected packet."""
    model: Model = [{"id": layer["id"]} for layer in layers[: index + 1]]
    model[index]["fields"] = [dict(change) for change in made]
    return model


def changed_twice(first: Sequence[JsonObject], then: Sequence[JsonObject]) -> Model:
    """Changes of fields, and others after them, as one."""
    longer = max(first, then, key=len)
    return [
        {"id": layer["id"], "fields": _last_of_each([*_fields(first, at), *_fields(then, at)])}
        for at, layer in enumerate(longer)
    ]


def _fields(model: Sequence[JsonObject], index: int) -> Sequence[JsonObject]:
    fields: Sequence[JsonObject] = model[index].get("fields") or () if index < len(model) else ()
    return fields


def _last_of_each(made: Sequence[JsonObject]) -> list[JsonObject]:
    """Changes without those that set what others set again, so that edits of a field are alike.

    Where what a path leads to may be another by then, all are kept.
    """
    return [
        change
        for number, change in enumerate(made)
        if not any(later["id"] == change["id"] for later in made[number + 1 :])
        or any(_depend(change, other) for other in made)
    ]


def _depend(change: JsonObject, other: JsonObject) -> bool:
    """Whether it matters in which order two changes are made."""
    ids = str(change["id"]), str(other["id"])
    heads = {_HEAD.split(each)[0] for each in ids}
    sets = not {"insert", "delete"} & (change.keys() | other.keys())
    within = ids[0] != ids[1] and (ids[0].startswith(ids[1]) or ids[1].startswith(ids[0]))
    return len(heads) == 1 and (not sets or within)


def with_computed(
    changed: Sequence[JsonObject], layers: Sequence[JsonObject]
) -> tuple[JsonObject, ...]:
    """Changes of fields with what was computed or drawn for them, as the field tree has it."""
    return tuple(
        {**layer, "fields": [_with_value(change, shown) for change in layer.get("fields") or []]}
        for layer, shown in zip(changed, layers, strict=False)
    )


def _with_value(change: JsonObject, shown: JsonObject) -> JsonObject:
    value = change.get("value")
    if not isinstance(value, dict) or value.get("vtype") not in ("UNDEFINED", "RANDOM"):
        return change
    found = (field["value"] for field in shown["fields"] if field["id"] == change["id"])
    return {**change, "value": next(found, value)}


def model_of_tree(layers: Sequence[JsonObject]) -> Model:
    """A model with every field that a packet's bytes hold, from its field tree."""
    return [
        {
            "id": layer["id"],
            "fields": [
                {"id": item["id"], "value": item["value"]}
                for item in layer["fields"]
                if not item.get("ignored")
            ],
        }
        for layer in layers
    ]


def drawn(model: Sequence[JsonObject], layers: Sequence[JsonObject]) -> Model:
    """The model with random values replaced by those that were drawn for the field tree."""
    fixed = []
    for layer, shown in zip(model, layers, strict=False):
        values = {item["id"]: item["value"] for item in shown["fields"]}
        fields = [
            {"id": item["id"], "value": values.get(item["id"], item["value"])}
            if isinstance(item.get("value"), dict) and item["value"].get("vtype") == "RANDOM"
            else item
            for item in layer.get("fields") or []
        ]
        fixed.append({**layer, "fields": fields})
    return fixed


def is_instruction(value: Any) -> bool:
    """Whether it has the shape of an instruction; what it says is for the server to judge."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and isinstance(value.get("parameters") or {}, dict)
    )
