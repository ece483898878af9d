"""The fields of a layer that does not say by its values what it was read from.

Each is written as the value that assigning makes again where that encodes to the same bytes,
else as the raw bytes that it had.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from scapy.packet import Packet

from scapy_server.errors import ScapyServerError
from scapy_server.packet.expressions.builds import dissection, encoded, human
from scapy_server.packet.expressions.meaning import (
    InexpressibleError,
    Written,
    call,
    constant,
    meaning,
)
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer
from scapy_server.packet.values.field_values import assign


class CarefulFields:
    """The fields of one layer, which are tried in another layer of its class.

    Some layers forget after dissection what they compute when they are built: `values` are those
    that it has, with what it was read as.
    """

    def __init__(self, packet: Packet, registry: Registry) -> None:
        read, self._encodings = dissection(packet)
        self.values: dict[str, Any] = {**read, **packet.fields}
        self._packet, self._registry = packet, registry
        self._trial: Packet | None = None

    def write(self, name: str, value: Any, write: Callable[[Any], Written]) -> Written:
        """A field with a value, whose forms `write` writes; raises InexpressibleError."""
        packet, encoding = self._packet, self._encodings.get(name)
        field = packet.get_field(name)
        canonical = encoded(packet, field, value)
        if encoding is None or encoding == canonical or canonical is None:
            for form in (value, human(packet, field, value)):
                with suppress(InexpressibleError, ScapyServerError):
                    written = write(form)
                    if self._assigns(name, written, value):
                        return written
        raw = encoding if encoding is not None else canonical
        if raw is None:
            raise InexpressibleError(type(value).__name__)
        return call("RawVal", constant(repr(raw), raw))

    def _assigns(self, name: str, written: Written, value: Any) -> bool:
        """Whether assigning what a text means gives the field its value again."""
        meant = meaning(written, self._registry)
        packet = self._packet
        facts = self._registry.of_class(type(packet))
        try:
            if self._trial is None:
                self._trial = new_layer(type(packet), packet.underlayer)
            trial = self._trial
            trial.fields.clear()
            trial.fields.update(packet.fields)
            assign(trial, facts.by_id[name], meant)
            got = trial.getfieldval(name)
            if isinstance(value, Packet | list):
                return encoded(trial, trial.get_field(name), got) == encoded(
                    packet, packet.get_field(name), value
                )
            return bool(got == value)
        except Exception:
            return False
