"""What the server knows, as far as completion needs it.

Fetched when it is first asked for, over a connection of its own, because completion runs
beside the commands in a thread. A server that does not answer is left alone for a while;
what was known before is completed all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from scapy_server.client import ClientError
from scapy_server.client.calls import Call, Calls
from scapy_server.console.wire import Wire
from scapy_server.schema.definitions import FieldDefinition, ProtocolDefinition

T = TypeVar("T")

_PAUSE_AFTER_FAILURE = 10.0  # seconds


class Catalogue:
    """Ids and names from the server's own definitions; empty while it is away."""

    def __init__(self, wire: Wire, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock
        self._lock = threading.Lock()  # one completion may still run when the next begins
        self._known: dict[str, Any] = {}
        self._protocols: dict[str, ProtocolDefinition] = {}
        self._quiet_until = 0.0

    def _fetch(self, call: Call[T]) -> T | None:
        """The result of a call, remembered for good; None if the server is away."""
        key = f"{call.method} {call.params}"
        with self._lock:
            if key not in self._known:
                if self._clock() < self._quiet_until:
                    return None
                try:
                    self._known[key] = self._wire.ask(call)
                except ClientError as error:
                    if error.code is None:
                        self._quiet_until = self._clock() + _PAUSE_AFTER_FAILURE
                    return None
            found: T = self._known[key]
            return found

    @property
    def protocols(self) -> dict[str, ProtocolDefinition]:
        """Protocol id → its definition."""
        if not self._protocols:
            definitions = self._fetch(Calls.get_definitions(None))
            listed = [] if definitions is None else definitions.protocols
            self._protocols = {protocol.id: protocol for protocol in listed}
        return self._protocols

    def fields(self, layer_id: str) -> list[FieldDefinition]:
        """The definitions of a layer's fields; of one that is no protocol, asked for by name."""
        if layer_id in self.protocols:
            return self.protocols[layer_id].fields
        named = self._fetch(Calls.get_definitions([layer_id]))
        return [] if named is None else named.protocols[0].fields

    def payloads(self, layer_id: str) -> list[str]:
        """The layers that may follow a layer."""
        return list(self._fetch(Calls.get_payload_classes([{"id": layer_id}])) or ())

    def templates(self) -> list[str]:
        """The ids of the templates."""
        return [template.id for template in self._fetch(Calls.get_templates()) or ()]

    def methods(self) -> dict[str, tuple[int, list[str]]]:
        """Method → number and names of its parameters."""
        return self._fetch(Calls.all_methods()) or {}

    def instructions(self) -> dict[str, list[str]]:
        """Field Engine instruction → its parameters."""
        definitions = self._fetch(Calls.get_definitions(None))
        listed = [] if definitions is None else definitions.fe_instructions
        return {item["id"]: list(item["parameters"]) for item in listed}

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._wire.close()
