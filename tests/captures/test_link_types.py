from __future__ import annotations

import pytest
from scapy.config import conf

from scapy_server.captures.link_types import RAW_IP, ROOT_LAYERS, root_layer_id
from scapy_server.packet.layers.registry import Registry

#: What Scapy lists besides: ARPHRD numbers of live sockets, which are in no file.
SOCKET_NUMBERS = {23, 31, 772, 801, 802, 803}


@pytest.mark.parametrize(
    ("link_type", "frame", "root"),
    [
        (1, bytes(14), "Ether"),
        (1, b"", "Ether"),
        (101, b"\x45" + bytes(19), "IP"),
        (101, b"\x60" + bytes(39), "IPv6"),
        (12, b"\x45", "IP"),
        (14, b"\x6f", "IPv6"),
        (101, b"\x00" * 20, "Raw"),
        (101, b"", "Raw"),
        (228, b"", "IP"),
        (229, b"", "IPv6"),
        (113, bytes(16), "CookedLinux"),
        (276, bytes(20), "CookedLinuxV2"),
        (105, bytes(24), "Dot11"),
        (127, bytes(8), "RadioTap"),
        (192, bytes(8), "PPI"),
        (9, bytes(4), "PPP"),
        (0, bytes(4), "Loopback"),
        (147, b"x", "Raw"),
        (65535, b"x", "Raw"),
    ],
)
def test_the_first_layer_of_a_frame(link_type: int, frame: bytes, root: str) -> None:
    assert root_layer_id(link_type, frame) == root


def test_every_layer_of_the_table_is_registered(registry: Registry) -> None:
    assert {root for root in ROOT_LAYERS.values() if root not in registry} == set()


def test_the_table_agrees_with_scapy(registry: Registry) -> None:
    theirs = conf.l2types.num2layer
    known = {number for number, cls in theirs.items() if registry.of_class(cls).id in registry}
    assert known - SOCKET_NUMBERS <= ROOT_LAYERS.keys() | RAW_IP
    for number in ROOT_LAYERS.keys() & theirs.keys():
        assert registry.of_class(theirs[number]).id == ROOT_LAYERS[number]
