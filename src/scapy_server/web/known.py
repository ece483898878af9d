"""What the packet server knows: protocols, their fields, templates, what goes on what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from scapy_server.client import ClientError
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.questions import Question
from scapy_server.web.link import Link
from scapy_server.wording import nearest

#: What tells the second layer of an id from the first, and where a path goes on from a field.
_NTH = re.compile(r":[0-9]+\Z")
_PART = re.compile(r"[.\[]")


class Known:
    """Definitions and templates, fetched once and shared by all pages; empty until then."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.protocols: dict[str, JsonObject] = {}
        self.instructions: list[JsonObject] = []
        self.templates: list[JsonObject] = []
        self._parts: dict[str, JsonObject] = {}
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
            self._fields[layer_id] = {each["id"]: each for each in self._fields_of(layer_id)}
        return self._fields[layer_id].get(field_id, {})

    def unknown(self, layer_ids: Iterable[str]) -> list[str]:
        """Of the layers that fields hold those whose fields nobody has asked for yet."""
        known = (self.protocols, self._parts)
        missing = (each for each in layer_ids if each and not any(each in ids for ids in known))
        return list(dict.fromkeys(missing)) if self.protocols else []

    async def learn(self, layer_ids: Iterable[str]) -> None:
        """Ask for the fields of layers that are no protocols, as the records of DNS."""
        for layer_id in self.unknown(layer_ids):
            self._parts[layer_id] = {}
            answer = await self._ask("get_definitions", [layer_id]) or {}
            self._parts.update({each["id"]: each for each in answer.get("protocols", ())})
            self._fields.pop(layer_id, None)

    async def check(self, name: str) -> None:
        """Raise DeskError for the path of a layer or field that there is not, with the nearest."""
        if not self.protocols:
            return
        layer_id, field_id = self._named(name)
        await self.learn([layer_id])
        if layer_id not in self.protocols and not self._parts.get(layer_id):
            hint = nearest(layer_id, self.protocols)
            raise DeskError(f"there is no layer {layer_id!r}{hint}")
        fields = [str(each["id"]) for each in self._fields_of(layer_id)]
        if field_id and fields and field_id not in fields:
            hint = nearest(field_id, fields)
            raise DeskError(f"there is no field {field_id!r} in {layer_id}{hint}")

    def _named(self, name: str) -> tuple[str, str]:
        """The ids of layer and field in a path; ids of layers may hold dots themselves."""
        cuts = [at for at, letter in enumerate(f"{name}.") if letter == "."]
        layers = {cut: _NTH.sub("", name[:cut]) for cut in reversed(cuts)}
        cut = next((cut for cut, layer in layers.items() if layer in self.protocols), cuts[0])
        return layers[cut], _PART.split(name[cut + 1 :])[0]

    def _fields_of(self, layer_id: str) -> Sequence[JsonObject]:
        found = self.protocols.get(layer_id) or self._parts.get(layer_id) or {}
        fields: Sequence[JsonObject] = found.get("fields", ())
        return fields

    def automatic(self, layer_id: str) -> frozenset[str]:
        """The fields of a layer that are computed where nobody sets them."""
        return frozenset(str(each["id"]) for each in self._fields_of(layer_id) if each.get("auto"))

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
