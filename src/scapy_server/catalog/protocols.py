"""Which of the layers are protocols: headers of a frame, not records, options or elements.

Clients offer the list to people who look for a protocol by a part of its name.
docs/definitions.md gives the rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from scapy_server.catalog.handwritten import Handwritten
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.roles import chosen_layers, link_layers, stacked_layers


def protocol_ids(
    registry: Registry, handwritten: Handwritten, in_templates: Iterable[str]
) -> list[str]:
    """The ids of all protocols, in the order of the registry."""
    offered = {
        payload for layer_id in handwritten for payload in handwritten.payloads(layer_id) or ()
    }
    found = link_layers(registry) | stacked_layers(registry) | offered | set(in_templates)
    new = {layer_id for layer_id in found if layer_id in registry}
    known: set[str] = set()
    while new:
        known |= new
        chosen = (chosen_layers(registry, registry.layer(layer_id)) for layer_id in new)
        new = set().union(*chosen) - known
    return [layer.id for layer in registry if layer.id in known]
