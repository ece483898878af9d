"""Frames of every layer that can be dissected: built alone, and stacked as Scapy binds them.

Also as captures have them, and Scapy does not build them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scapy.layers.dhcp import BOOTP
from scapy.layers.inet import ICMP, IP, TCP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from scapy_server.captures.link_types import LINK_TYPES, root_layer_id
from scapy_server.captures.reading import Capture
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import new_layer, stack_on
from scapy_server.packet.models.model import LayerSpec
from tests.packet.properties import Frame, binary

#: A class and the values of the layer below by which it is chosen.
Step = tuple[type[Packet], Mapping[str, Any]]
_DEEPEST = 10
_CAPTURES = Path(__file__).parents[1] / "sample_captures"
#: What the last layer of a stack carries.
_TAILS = (b"", bytes(range(48, 88)))


def alone(registry: Registry) -> Iterator[Frame]:
    """Each layer with fields that can be built without values, by itself."""
    codec = PacketCodec(registry)
    for layer in (each for each in registry if each.fields):
        try:
            data = binary(codec.build((LayerSpec(layer.id),)))
        except RefusedError:
            continue  # tests/packet/test_round_trip.py says of each why
        if data:
            yield Frame(layer.id, layer.built_class, data)


def stacked(registry: Registry) -> Iterator[Frame]:
    """Each layer on the shortest stack that is bound below it, from a link layer on."""
    for steps in _stacks(registry):
        for tail in _TAILS:
            try:
                data = _built(registry, steps, tail)
            except Exception:
                continue  # a layer that Scapy cannot build without values
            if data:
                name = f"{steps[-1][0].__name__} and {len(tail)} bytes"
                yield Frame(name, steps[0][0], data, len(steps) - 1, bool(tail))


def _stacks(registry: Registry) -> Iterator[list[Step]]:
    roots = dict.fromkeys(
        registry.layer(link.root).cls
        for link in LINK_TYPES.values()
        if link.root is not None and link.root in registry
    )
    found: dict[type[Packet], list[Step]] = {root: [(root, {})] for root in roots}
    waiting = deque(found)
    while waiting:
        below = waiting.popleft()
        yield found[below]
        if len(found[below]) == _DEEPEST:
            continue
        for cls in below.__mro__:
            for conditions, upper in cls.__dict__.get("payload_guess", ()):
                is_new = upper not in found and upper is not Raw
                if is_new and isinstance(upper, type) and issubclass(upper, Packet):
                    found[upper] = [*found[below], (upper, conditions)]
                    waiting.append(upper)


def _built(registry: Registry, steps: list[Step], tail: bytes) -> bytes:
    packets: list[Packet] = []
    for cls, conditions in steps:
        packet = new_layer(registry.of_class(cls).built_class, None)
        if packets:
            for name, value in conditions.items():
                packets[-1].setfieldval(name, value)
            stack_on(packets[-1], packet)
        packets.append(packet)
    if tail:
        packets[-1].add_payload(Raw(tail))
    return bytes(packets[0])


def unusual(registry: Registry) -> Iterator[Frame]:
    """What captures have and Scapy does not build: headers that were cut, other encodings.

    An ICMP error that quotes 8 bytes (RFC 792), lengths of LDAP in four bytes, as Windows has
    them (ITU-T X.690, 8.1.3.5), a compressed protocol number (RFC 1661, section 6.5), BOOTP of
    which a snap length left the addresses and some of the server's name (RFC 951), and two
    commands in one message of SMB, the first filled up (MS-SMB2, section 3.2.4.1.4).
    """
    quote = bytes(IP() / TCP(sport=1024))[:28]
    yield Frame("TCPerror quoted", Ether, bytes(Ether() / IP() / ICMP(type=3) / Raw(quote)))
    response = bytes.fromhex("30840000001002010361 8400000007 0a010004000400")
    yield Frame("LDAP response", registry.layer("LDAP").cls, response)
    yield Frame("PPP compressed", registry.layer("PPP").cls, b"\x21" + bytes(IP()))
    echo = bytes.fromhex("fe534d42 4000") + bytes(6) + b"\x0d" + bytes(51) + b"\4\0\0\0"
    first = echo[:20] + b"\x48\0\0\0" + echo[24:] + bytes(4)
    yield Frame("SMB2_Header twice", registry.layer("SMB2_Header").cls, first + echo)
    yield Frame("BOOTP cut", registry.layer("BOOTP").cls, bytes(BOOTP())[:54])


def captured(registry: Registry) -> Iterator[Frame]:
    """The packets of the sample captures, the first few of each."""
    for path in sorted(_CAPTURES.glob("*.pcap*")):
        with path.open("rb") as file:
            for record in Capture(file).records():
                if record.number > 8:
                    break
                root = registry.layer(root_layer_id(record.link_type, record.data)).cls
                yield Frame(f"{path.name} {record.number}", root, record.data)
