"""The packet editor as it was seen to behave, where that decides what it may be told.

Source: docs/clients.md, "The packet editor".
"""

from __future__ import annotations

import base64
import re
from typing import Any

from scapy_server.catalog.definitions import Definitions
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from scapy_server.schema.definitions import FieldDefinition
from scapy_server.schema.results import FieldResult, PacketResult

Model = list[dict[str, Any]]


class Editor:
    """Draws packets: every field with the form that its definition asks for."""

    def __init__(self, codec: PacketCodec, definitions: Definitions) -> None:
        self._codec = codec
        self._definitions = definitions

    def built(self, model: Model) -> PacketResult:
        return self._codec.build(parse_model(model, self._codec.registry))

    def described(self, layer_id: str) -> dict[str, FieldDefinition]:
        return {field.id: field for field in self._definitions.select([layer_id])[0].fields}

    def drawn(self, model: Model) -> Model:
        """The model once it was drawn: payload editors have set what no user set."""
        after = []
        for layer, result in zip(model, self.built(model).data, strict=True):
            fields = list(layer.get("fields", []))
            set_by_user = {field["id"] for field in fields}
            for field in result.fields:
                described = self.described(layer["id"]).get(field.id)
                if (
                    described is not None
                    and described.type == "BYTES"
                    and isinstance(field.value, dict)
                    and field.id not in set_by_user
                ):
                    data = base64.b64encode(field.hvalue.encode()).decode()
                    fields.append({"id": field.id, "value": {"vtype": "BYTES", "base64": data}})
            after.append({"id": layer["id"], "fields": fields})
        return after


def accepts(definition: FieldDefinition, field: FieldResult) -> bool:
    """Whether the editor's check of a form's text accepts the text that it was handed."""
    if isinstance(definition.min, int) and isinstance(definition.max, int):
        if not re.fullmatch(r"[+-]?[0-9]+", field.hvalue):
            return False
        return definition.min <= int(field.hvalue) <= definition.max
    if isinstance(definition.regex, str):
        return re.fullmatch(definition.regex, field.hvalue) is not None
    return True
