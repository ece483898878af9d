"""Which layers a field may hold, as far as Scapy's classes say before a packet is read.

A field names a class, or a function that chooses one by the bytes. Of a function the classes
are those that it speaks of by name, and those of the tables that it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scapy.packet import NoPayload, Packet, Padding, Raw

from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.registry import Registry

_ANYTHING = (Packet, NoPayload, Padding, Raw)


def held_layers(field: FieldFacts, registry: Registry) -> list[str]:
    """The ids of the registered layers that the field may hold; [] where none are known."""
    inner = field.inner
    sources = (getattr(inner, name, None) for name in ("cls", "next_cls_cb"))
    classes = [cls for source in sources for cls in _classes(source)]
    ids = [registry.id_of_class(cls) for cls in classes if cls not in _ANYTHING]
    return list(dict.fromkeys(layer_id for layer_id in ids if layer_id is not None))


def _classes(source: Any) -> Iterator[type[Packet]]:
    if isinstance(source, type):
        if issubclass(source, Packet):
            yield source
            if "dispatch_hook" in source.__dict__:
                yield from source.__subclasses__()
        return
    code = getattr(source, "__code__", None)
    for name in getattr(code, "co_names", ()):
        yield from _spoken_of(source.__globals__.get(name))


def _spoken_of(value: Any) -> Iterator[type[Packet]]:
    if isinstance(value, type) and issubclass(value, Packet):
        yield value
    elif isinstance(value, dict):
        yield from (each for each in value.values() if _is_layer(each))


def _is_layer(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Packet)
