"""A codec for all tests of plans."""

from __future__ import annotations

import pytest

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry


@pytest.fixture(scope="module")
def codec(registry: Registry) -> PacketCodec:
    return PacketCodec(registry)
