"""What the server knows, as far as completion needs it.

Fetched when it is first asked for, over a connection of its own, because completion runs
beside the commands in a thread. A server that does not answer is left alone for a while;
what was known before is completed all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from scapy_server.client import ClientError
from scapy_server.console.answers import DefinitionsAnswer, MethodsAnswer, TemplateAnswer
from scapy_server.console.wire import Wire
from scapy_server.desk.packet import JsonObject

_PAUSE_AFTER_FAILURE = 10.0  # seconds


class Catalogue:
    """Ids and names from the server's own definitions; empty while it is away."""

    def __init__(self, wire: Wire, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock
        self._lock = threading.Lock()  # one completion may still run when the next begins
        self._known: dict[str, Any] = {}
        self._quiet_until = 0.0

    def _fetch(self, shape: Any, method: str, *params: Any) -> Any:
        """The result of a method, remembered for good; None if the server is away."""
        key = f"{method} {params}"
        with self._lock:
            if key not in self._known:
                if self._clock() < self._quiet_until:
                    return None
                try:
                    self._known[key] = self._wire.ask(shape, method, *params)
                except ClientError as error:
                    if error.code is None:
                        self._quiet_until = self._clock() + _PAUSE_AFTER_FAILURE
                    return None
            return self._known[key]

    def _definitions(self) -> Any:
        return self._fetch(DefinitionsAnswer, "get_definitions", None) or {}

    @property
    def protocols(self) -> dict[str, JsonObject]:
        """Protocol id → its definition."""
        if "protocols" not in self._known:
            definitions = self._definitions()
            if not definitions:
                return {}
            by_id = {protocol["id"]: protocol for protocol in definitions["protocols"]}
            self._known["protocols"] = by_id
        found: dict[str, JsonObject] = self._known["protocols"]
        return found

    def fields(self, layer_id: str) -> list[JsonObject]:
        """The definitions of a layer's fields; of one that is no protocol, asked for by name."""
        protocol = self.protocols.get(layer_id)
        if protocol is None:
            named = self._fetch(DefinitionsAnswer, "get_definitions", [layer_id])
            protocol = named["protocols"][0] if named else {}
        return list(protocol.get("fields", ()))

    def payloads(self, layer_id: str) -> list[str]:
        """The layers that may follow a layer."""
        return list(self._fetch(list[str], "get_payload_classes", [{"id": layer_id}]) or ())

    def templates(self) -> list[str]:
        """The ids of the templates."""
        return [
            template["id"] for template in self._fetch(list[TemplateAnswer], "get_templates") or ()
        ]

    def methods(self) -> MethodsAnswer:
        """Method → number and names of its parameters."""
        return dict(self._fetch(MethodsAnswer, "supported_methods", "all") or {})

    def instructions(self) -> dict[str, list[str]]:
        """Field Engine instruction → its parameters."""
        listed = self._definitions().get("feInstructions", ())
        return {item["id"]: list(item["parameters"]) for item in listed}

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._wire.close()
