"""Changes to packet models, and how people name what is to change.

Pure: models go in, models come out, and nothing that went in is changed.
"""

from __future__ import annotations

import ast
import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from scapy_server import naming
from scapy_server.console.session import ConsoleError, JsonObject
from scapy_server.wording import closest

Model = list[dict[str, Any]]

UNDEFINED = {"vtype": "UNDEFINED"}
RANDOM = {"vtype": "RANDOM"}


def layer_names(layers: Sequence[JsonObject]) -> list[str]:
    """What refers to each layer: `Ether`, `IP`, and `IP:1` for the second IP."""
    return naming.layer_names(str(layer["id"]) for layer in layers)


def find_layer(layers: Sequence[JsonObject], reference: str) -> int:
    """The index of the layer that `IP`, or `IP:1` for the second one, refers to.

    Raises ConsoleError if there is no such layer.
    """
    try:
        layer_id, wanted = naming.split_name(reference.strip())
    except ValueError:
        raise ConsoleError(
            f"{reference!r} is not a layer; write IP, or IP:1 for the second IP"
        ) from None
    found = [index for index, layer in enumerate(layers) if layer["id"] == layer_id]
    if not found:
        present = list(dict.fromkeys(str(layer["id"]) for layer in layers))
        near = closest(layer_id, present)
        hint = f"did you mean {near}?" if near else f"it has {', '.join(present)}"
        raise ConsoleError(f"the packet has no layer {layer_id!r}; {hint}")
    if wanted >= len(found):
        raise ConsoleError(
            f"the packet has {len(found)} {layer_id}, {layer_id}:0 to {layer_id}:{len(found) - 1}"
        )
    return found[wanted]


def find_field(layers: Sequence[JsonObject], reference: str) -> tuple[int, str]:
    """The layer's index and the field's id of `IP.ttl` or `IP:1.ttl`.

    Whether the layer has the field is for the server to say, which knows older names too.
    """
    layer, dot, field_id = reference.rpartition(".")
    if not dot or not layer or not field_id:
        raise ConsoleError(f"{reference!r} is not a field; write IP.ttl, or IP:1.ttl")
    return find_layer(layers, layer), field_id


def value_of(text: str) -> Any:
    """The value of a model that a typed text stands for.

    JSON objects, arrays and texts in double quotes are read as JSON, texts in single quotes
    and `b'…'` as in Python; all else is the text itself, which the server reads as the field
    needs it. Raises ConsoleError for JSON or quotes that are not complete.
    """
    if text.startswith(("b'", 'b"', "'")):
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            raise ConsoleError(f"the quotes of {text} are not complete") from None
        if isinstance(value, bytes):
            return {"vtype": "BYTES", "base64": base64.b64encode(value).decode()}
        return value if isinstance(value, str) else text
    if text.startswith(("{", '"')):
        return from_json(text)
    if text.startswith("["):
        with suppress(ConsoleError):
            return from_json(text)
        return text  # a list in Python's spelling, which is an expression
    return text


def from_json(text: str) -> Any:
    """The value of a JSON text; ConsoleError says where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ConsoleError(f"not JSON: {error}") from None


def with_field(model: Sequence[JsonObject], index: int, field_id: str, value: Any) -> Model:
    """The model with one field of one layer given this value."""
    changed = without_field(model, index, field_id)
    changed[index]["fields"] = [*changed[index]["fields"], {"id": field_id, "value": value}]
    return changed


def without_field(model: Sequence[JsonObject], index: int, field_id: str) -> Model:
    """The model with one field of one layer left to its default."""
    changed = [dict(layer) for layer in model]
    fields = changed[index].get("fields") or []
    changed[index]["fields"] = [item for item in fields if item["id"] != field_id]
    return changed


def changes(layers: Sequence[JsonObject], index: int, field_id: str, value: Any) -> Model:
    """What reconstruct_pkt takes to change one field of a dissected packet."""
    model: Model = [{"id": layer["id"]} for layer in layers[: index + 1]]
    model[index]["fields"] = [{"id": field_id, "value": value}]
    return model


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


def is_instruction(value: Any) -> bool:
    """Whether it has the shape of an instruction; what it says is for the server to judge."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("id"), str)
        and isinstance(value.get("parameters") or {}, dict)
    )


def drawn(model: Sequence[JsonObject], layers: Sequence[JsonObject]) -> Model:
    """The model with random values replaced by those that were drawn for the field tree."""
    fixed = []
    for layer, shown in zip(model, layers, strict=False):
        values = {item["id"]: item["value"] for item in shown["fields"]}
        fields = [
            {"id": item["id"], "value": values.get(item["id"], item["value"])}
            if isinstance(item["value"], dict) and item["value"].get("vtype") == "RANDOM"
            else item
            for item in layer.get("fields") or []
        ]
        fixed.append({**layer, "fields": fields})
    return fixed
