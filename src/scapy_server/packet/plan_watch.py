"""Watching a packet being built and dissected: which values are looked at, and by what.

Recorders stand in for the dictionaries in which Scapy's packets keep their values, and
count who looks; watched bytes remember which of them a choice was made by. Classes with
methods of their own are not trusted to be watched well, unless someone has read them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from scapy.contrib.gtp import GTP_U_Header
from scapy.contrib.mpls import MPLS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP, GRE, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from scapy_server.packet.tracer import TracedLayer, new_layer

#: Classes with methods of their own that were read: they look at their own fields and
#: at the first bytes of their payload, and compute lengths and the checksums below.
UNDERSTOOD: frozenset[type[Packet]] = frozenset(
    {
        Ether,
        Dot1Q,
        Dot1AD,
        ARP,
        GRE,
        MPLS,
        IP,
        IPv6,
        TCP,
        UDP,
        ICMP,
        ICMPv6EchoRequest,
        ICMPv6EchoReply,
        VXLAN,
        GTP_U_Header,
        Raw,
    }
)

_METHODS = (
    "pre_dissect",
    "do_dissect",
    "post_dissect",
    "extract_padding",
    "guess_payload_class",
    "default_payload_class",
    "self_build",
    "do_build",
    "post_build",
    "build_padding",
    "getfieldval",
)


class Recorder(dict[str, Any]):
    """The values of a layer, with a count of how often each was looked at.

    Copying all values, as Scapy does for pseudo headers, is not looking at one.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.reads: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Any:
        self.reads[name] += 1
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict, counted."""
        self.reads[name] += 1
        return super().get(name, default)


class WatchedBytes(bytes):
    """Bytes that remember which of them were looked at."""

    seen: set[int]

    def __new__(cls, data: bytes) -> WatchedBytes:
        watched = super().__new__(cls, data)
        watched.seen = set()
        return watched

    def __getitem__(self, index: Any) -> Any:
        self.seen.update(range(len(self))[index] if isinstance(index, slice) else [index])
        return super().__getitem__(index)


def is_understood(cls: type[Packet]) -> bool:
    """Whether watching tells all that a class does."""
    if cls in UNDERSTOOD:
        return True
    return "dispatch_hook" not in cls.__dict__ and all(
        getattr(cls, name) is getattr(Packet, name) for name in _METHODS
    )


def recorded_layer(cls: type[Packet], underlayer: Packet | None) -> Packet:
    """As `tracer.new_layer`, with a recorder."""
    packet = new_layer(cls, underlayer)
    packet.fields = Recorder(packet.fields)
    return packet


def reads(traced: TracedLayer) -> Counter[str]:
    """How often each value of a recorded layer was looked at."""
    fields = traced.packet.fields
    assert isinstance(fields, Recorder)
    return fields.reads


def bytes_that_choose(frame: bytes, chain: Sequence[TracedLayer]) -> set[int] | None:
    """The places of the frame by which the layers' classes are chosen.

    None if one of the classes that take part in choosing is not understood.
    """
    seen: set[int] = set()
    cls: type[Packet] = type(chain[0].packet)
    for index, traced in enumerate(chain):
        if index:
            payload = WatchedBytes(frame[traced.offset :])
            cls = chain[index - 1].packet.guess_payload_class(payload) or Raw
            seen.update(traced.offset + place for place in payload.seen)
        if not isinstance(cls, type) or not (cls is type(traced.packet) or is_understood(cls)):
            return None
        if "dispatch_hook" in cls.__dict__:
            data = WatchedBytes(frame[traced.offset :])
            cls.dispatch_hook(data, _internal=1, _underlayer=None)
            seen.update(traced.offset + place for place in data.seen)
    return seen


def selecting_values(cls: type[Packet], name: str) -> Iterator[int]:
    """The numbers of a field by which a class selects what its payload is read as."""
    for bound in cls.__mro__:
        for conditions, _ in bound.__dict__.get("payload_guess", ()):
            if isinstance(conditions.get(name), int):
                yield conditions[name]
