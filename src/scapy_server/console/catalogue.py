"""What the server knows, as far as completion needs it.

Fetched when it is first asked for, over a connection of its own, because completion runs
beside the commands in a thread. After a while it is asked for anew, as a server may come back
with other protocols and templates. One that does not answer is left alone for a while; what
was known before is completed all the same.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from scapy_server.client import ClientError
from scapy_server.client.calls import Call, Calls
from scapy_server.console.wire import Wire
from scapy_server.schema.definitions import (
    DefinitionsResult,
    FieldDefinition,
    ProtocolDefinition,
)

T = TypeVar("T")

#: Seconds.
_PAUSE_AFTER_FAILURE = 10.0
_FRESH = 30.0


@dataclass(frozen=True)
class _Known:
    """What a server answered, and until when it is not asked again."""

    result: Any
    until: float


class Catalogue:
    """Ids and names from the server's own definitions; empty while it is away."""

    def __init__(self, wire: Wire, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock
        self._lock = threading.Lock()  # one completion may still run when the next begins
        self._known: dict[str, _Known] = {}
        self._definitions: DefinitionsResult | None = None
        self._protocols: dict[str, ProtocolDefinition] = {}
        self._quiet_until = 0.0

    def _fetch(self, call: Call[T]) -> T | None:
        """The result of a call, remembered for a while; None if the server was never there."""
        key = f"{call.method} {call.params}"
        with self._lock:
            known = self._known.get(key)
            now = self._clock()
            if (known is None or now >= known.until) and now >= self._quiet_until:
                try:
                    known = _Known(self._wire.ask(call), now + _FRESH)
                except ClientError as error:
                    if error.code is not None:
                        self._known.pop(key, None)
                        return None
                    self._quiet_until = now + _PAUSE_AFTER_FAILURE
                else:
                    self._known[key] = known
            found: T | None = None if known is None else known.result
            return found

    @property
    def protocols(self) -> dict[str, ProtocolDefinition]:
        """Protocol id → its definition."""
        definitions = self._fetch(Calls.get_definitions(None))
        if definitions is not self._definitions:
            listed = [] if definitions is None else definitions.protocols
            self._definitions = definitions
            self._protocols = {protocol.id: protocol for protocol in listed}
        return self._protocols

    def fields(self, layer_id: str) -> list[FieldDefinition]:
        """The definitions of a layer's fields; of one that is no protocol, asked for by name."""
        known = self.protocols.get(layer_id)
        if known is not None:
            return known.fields
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
