"""Which layers Scapy expects above a layer: its table of bindings, read without building."""

from __future__ import annotations

from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry


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
