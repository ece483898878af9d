"""Which layers are offered as the payload of a layer."""

from __future__ import annotations

from scapy_server.catalog.handwritten import REST, Handwritten, own_entries
from scapy_server.packet.layers.bindings import bound_payloads
from scapy_server.packet.layers.registry import Registry

#: Bytes without a protocol fit above everything.
ALWAYS = "Raw"

#: Not a protocol to choose: what Ethernet adds to short frames.
NEVER = frozenset({"Padding"})


def payload_classes(
    registry: Registry, layer_id: str, handwritten: Handwritten | None = None
) -> list[str]:
    """Ids of the layers that a client may put above `layer_id`, `Raw` last.

    The list of the data files if there is one, with Scapy's bindings where it asks for
    them; else the bindings. Nothing is built. RefusedError if there is no such layer.
    """
    layer = registry.layer(layer_id)
    listed = (handwritten or own_entries()).payloads(layer.id)
    offered: list[str] = []
    for payload in [REST] if listed is None else listed:
        offered += bound_payloads(registry, layer) if payload == REST else [payload]
    chosen = [payload for payload in dict.fromkeys(offered) if payload in registry]
    return [payload for payload in chosen if payload not in NEVER and payload != ALWAYS] + [ALWAYS]
