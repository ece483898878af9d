"""What filtered service mode lets through."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.frames.filters import (
    ALL,
    BGP,
    DHCP,
    MDNS,
    NO_TCP_UDP,
    TRANSPORT,
    Service,
    kinds_of,
)
from tests.services.ports.rig import frame


def packet(protocol: int, source: int, destination: int) -> bytes:
    data = bytearray(frame())
    data[23] = protocol
    data[34:38] = source.to_bytes(2, "big") + destination.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (packet(1, 0, 0), NO_TCP_UDP),
        (bytes(60), NO_TCP_UDP),
        (packet(6, 179, 5000), BGP),
        (packet(17, 179, 5000), 0),
        (packet(17, 68, 67), DHCP),
        (packet(17, 547, 546), DHCP),
        (packet(17, 5353, 5353), MDNS),
        (packet(17, 0xFF01, 1), TRANSPORT),
        (packet(6, 80, 1024), 0),
    ],
)
def test_kinds(data: bytes, kinds: int) -> None:
    assert kinds_of(data) == kinds


def test_modes() -> None:
    ordinary, asked = packet(6, 80, 1024), packet(17, 68, 67)
    assert Service(enabled=True).lets_through(ordinary)
    assert not Service(mask=DHCP).lets_through(ordinary)
    assert Service(mask=DHCP).lets_through(asked)
    assert Service(mask=ALL).lets_through(bytes(60))
    assert not Service().is_on
