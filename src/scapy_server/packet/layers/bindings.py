"""Which layers Scapy expects above a layer: its table of bindings, read without building."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scapy.packet import Packet, Raw

from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry


@dataclass(frozen=True)
class Checked:
    """A class that is bound to what passes a check; all else there is Raw.

    Scapy calls it as it calls a class, and gets a layer.
    """

    upper: type[Packet]
    check: Callable[[bytes], bool]

    @property
    def __name__(self) -> str:
        """As of the class, for whoever lists what is bound."""
        return self.upper.__name__

    def __call__(self, data: bytes, **given: Any) -> Packet:
        return self.chosen(data)(data, **given)

    def chosen(self, data: bytes) -> type[Packet]:
        """The class that is to read these bytes."""
        return self.upper if self.check(data) else Raw


def bound_payloads(registry: Registry, layer: LayerFacts) -> list[str]:
    """Ids of the registered layers bound above `layer`, in the order Scapy tries them.

    Bindings of base classes are tried too, as Scapy does. What a class decides in code
    (`guess_payload_class`) is not seen here.
    """
    found: dict[str, None] = {}
    for cls in layer.cls.aliastypes:
        for _condition, upper in cls.payload_guess:
            upper_id = registry.id_of_class(upper)
            if upper_id is not None:
                found.setdefault(upper_id)
    return list(found)
