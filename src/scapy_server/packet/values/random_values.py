"""A random value that suits a field, drawn once where a request asks for one."""

from __future__ import annotations

import ipaddress
import random
import string

from scapy.packet import Packet

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.values.field_values import assign, assign_machine

_TEXT_LENGTH = 16


def assign_random(packet: Packet, field: FieldFacts, seed: int | None) -> None:
    """Set the field to a random value of its type; the same one for the same seed.

    Raises RefusedError for fields that have no obvious random value (lists, layers).
    """
    generator = random.Random(seed)
    resolved = field.for_packet(packet)
    kind = resolved.kind
    if kind in (Kind.INTEGER, Kind.ENUM, Kind.FLAGS):
        minimum, maximum = resolved.minimum, resolved.maximum
        if minimum is None or maximum is None:
            minimum, maximum = 0, 255
        assign(packet, field, generator.randint(minimum, maximum))
    elif kind is Kind.IPV4:
        assign(packet, field, str(ipaddress.IPv4Address(generator.getrandbits(32))))
    elif kind is Kind.IPV6:
        assign(packet, field, str(ipaddress.IPv6Address(generator.getrandbits(128))))
    elif kind is Kind.MAC:
        assign(packet, field, generator.randbytes(6))
    elif kind is Kind.BYTES and resolved.bits is None:
        letters = generator.choices(string.ascii_letters + string.digits, k=_TEXT_LENGTH)
        assign(packet, field, "".join(letters).encode())
    elif resolved.bits is not None and resolved.bits % 8 == 0:
        assign_machine(packet, field, generator.randbytes(resolved.bits // 8))
    else:
        raise RefusedError("there is no random value for a field of this type; give one")
