"""Where layers stand in frames: at the beginning, above another, in place of another.

Read from Scapy's tables; only what chooses among its own kind is asked about their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scapy.config import conf
from scapy.packet import Packet

from scapy_server.packet.layers.bindings import bound_payloads
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry


def link_layers(registry: Registry) -> set[str]:
    """The layers that a frame may begin with, by the link types of captures."""
    tables = (conf.l2types, conf.l3types)
    found = (registry.id_of_class(cls) for table in tables for cls in table.num2layer.values())
    return {layer_id for layer_id in found if layer_id is not None}


def stacked_layers(registry: Registry) -> set[str]:
    """The layers that a binding puts above another, for dissecting or for building."""
    stacked = {upper for layer in registry for upper in bound_payloads(registry, layer)}
    return stacked | {layer.id for layer in registry if _is_bound_from_above(layer.cls)}


def _is_bound_from_above(cls: type[Packet]) -> bool:
    """Whether a binding, or the class itself, says what the layer below it is to hold."""
    own = vars(cls)
    return bool(own.get("_overload_fields") or isinstance(own.get("overload_fields"), dict))


def chosen_layers(registry: Registry, layer: LayerFacts) -> set[str]:
    """The layers derived from one that it turns out to be when it reads their bytes.

    With them go those in between, which are what several of them have in common.
    Nothing for the elements of a chain (802.11's, say), which are bound above themselves:
    there are many of them, and none is a protocol.
    """
    if "dispatch_hook" not in vars(layer.cls) or layer.id in bound_payloads(registry, layer):
        return set()
    chosen = (cls for cls in _derived(layer.cls) if _is_chosen(layer.cls, cls))
    kinds = {kind for cls in chosen for kind in cls.__mro__ if issubclass(kind, layer.cls)}
    ids = (registry.id_of_class(kind) for kind in kinds - {layer.cls})
    return {layer_id for layer_id in ids if layer_id is not None}


def _derived(cls: type[Packet]) -> Iterator[type[Packet]]:
    for derived in cls.__subclasses__():
        yield derived
        yield from _derived(derived)


def _is_chosen(cls: Any, derived: type[Packet]) -> bool:
    try:
        return bool(cls.dispatch_hook(bytes(derived())) is derived)
    except Exception:
        return False  # it cannot be built alone, or not be read alone
