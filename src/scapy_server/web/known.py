"""What the packet server knows: protocols, their fields, templates, what goes on what."""

from __future__ import annotations

from typing import Any

from scapy_server.client import ClientError
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.questions import Question
from scapy_server.web.link import Link


class Known:
    """Definitions and templates, fetched once and shared by all pages; empty until then."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.protocols: dict[str, JsonObject] = {}
        self.instructions: list[JsonObject] = []
        self.templates: list[JsonObject] = []
        self._fields: dict[str, dict[str, JsonObject]] = {}
        self._payloads: dict[str, list[str]] = {}

    async def load(self) -> None:
        """Fetch what is missing. What an older server does not tell stays empty."""
        if not self.protocols:
            answer = await self._ask("get_definitions", None) or {}
            self.protocols = {each["id"]: each for each in answer.get("protocols", ())}
            self.instructions = list(answer.get("feInstructions", ()))
        if not self.templates:
            self.templates = list(await self._ask("get_templates") or ())

    def field(self, layer_id: str, field_id: str) -> JsonObject:
        """The definition of a layer's field; empty where there is none."""
        if layer_id not in self._fields:
            fields = self.protocols.get(layer_id, {}).get("fields", ())
            self._fields[layer_id] = {each["id"]: each for each in fields}
        return self._fields[layer_id].get(field_id, {})

    def automatic(self, layer_id: str) -> frozenset[str]:
        """The fields of a layer that are computed where nobody sets them."""
        fields = self.protocols.get(layer_id, {}).get("fields", ())
        return frozenset(str(each["id"]) for each in fields if each.get("auto"))

    async def payloads(self, layer_id: str) -> list[str]:
        """The layers that may follow a layer."""
        if layer_id not in self._payloads:
            answer = await self._ask("get_payload_classes", [{"id": layer_id}])
            self._payloads[layer_id] = list(answer or ())
        return self._payloads[layer_id]

    async def _ask(self, method: str, *params: Any) -> Any:
        try:
            return await self._link.answer(Question(method, params))
        except ClientError:
            return None
