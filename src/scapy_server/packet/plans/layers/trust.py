"""Of which classes a stand-in is to be believed, as their methods speak of nothing but fields.

What such a method may not name is what a stand-in has not (its bytes, its time, what it carries),
or would keep (whatever it is told), and functions that were not looked into.
"""

from __future__ import annotations

from functools import cache

from scapy.packet import Packet

from scapy_server.packet.layers.methods import speaks_of_fields, stores
from scapy_server.packet.plans.watching import UNDERSTOOD

#: Methods by which a class reads itself, which has to be as Scapy's packets do.
_READING = (
    "__init__",
    "__getattr__",
    "dissect",
    "pre_dissect",
    "do_dissect",
    "post_dissect",
    "do_init_fields",
    "do_init_cached_fields",
    "init_fields",
    "getfieldval",
    "getfield_and_val",
    "get_field",
)
#: Methods that are asked what follows.
_ASKED = ("extract_padding", "guess_payload_class", "default_payload_class")
#: What such a method may ask of packets, fields aside. What is below them stops it.
_NAMES = frozenset({*_ASKED, "getfieldval", "fields", "underlayer"})


@cache
def tells_what_follows(cls: type[Packet]) -> bool:
    """Whether a class reads itself as most do, and its fields say what follows."""
    methods = [
        method
        for kind in cls.__mro__
        if issubclass(kind, Packet) and kind is not Packet
        for name in _ASKED
        if (method := kind.__dict__.get(name)) is not None
    ]
    if cls in UNDERSTOOD:
        return not any(map(stores, methods))
    reads_itself = any(getattr(cls, name) is not getattr(Packet, name) for name in _READING)
    return not reads_itself and all(speaks_of_fields(method, _NAMES) for method in methods)
