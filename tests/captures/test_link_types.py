from __future__ import annotations

import pytest
from scapy.config import conf

from scapy_server.captures.link_types import (
    LINK_TYPES,
    RAW_IP,
    first_layer_ids,
    link_type_of,
    root_layer_id,
)
from scapy_server.errors import RefusedError
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
        (9, b"\xff\x03\x00\x21", "PPP"),
        (9, b"\x0f\x00\x08\x00", "CHDLC"),
        (50, b"\x8f\x00\x80\x35", "CHDLC"),
        (50, b"\xff\x03\x00\x21", "HDLC"),
        (9, b"", "PPP"),
        (0, bytes(4), "Loopback"),
        (147, b"x", "Raw"),
        (65535, b"x", "Raw"),
    ],
)
def test_the_first_layer_of_a_frame(link_type: int, frame: bytes, root: str) -> None:
    assert root_layer_id(link_type, frame) == root


@pytest.mark.sweep
def test_every_layer_of_the_table_is_registered(registry: Registry) -> None:
    assert {
        known.root for known in LINK_TYPES.values() if known.root and known.root not in registry
    } == set()


def test_the_table_agrees_with_scapy(registry: Registry) -> None:
    theirs = conf.l2types.num2layer
    known = {number for number, cls in theirs.items() if registry.of_class(cls).id in registry}
    ours = {number: known.root for number, known in LINK_TYPES.items() if known.root}
    assert known - SOCKET_NUMBERS <= ours.keys() | RAW_IP
    for number in ours.keys() & theirs.keys():
        assert registry.of_class(theirs[number]).id == ours[number]


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (None, 1),
        (0, 0),
        (65535, 65535),
        ("ETHERNET", 1),
        ("raw", 101),
        ("LINKTYPE_LINUX_SLL", 113),
        ("DLT_IEEE802_11", 105),
        ("linux-sll2", 276),
        (" 101 ", 101),
    ],
)
def test_given_by_number_or_name(given: object, number: int) -> None:
    assert link_type_of(given) == number


@pytest.mark.parametrize("given", [-1, 65536, True, 1.5, "", "ETHER NET", "65536", "1" * 5000, []])
def test_what_is_no_link_type(given: object) -> None:
    with pytest.raises(RefusedError, match="0 to 65535 or a name such as ETHERNET"):
        link_type_of(given)


def test_names_are_unique() -> None:
    names = [known.name for known in LINK_TYPES.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("link_type", [1, 227])
def test_the_layer_that_is_read_instead_is_one_that_scapy_chooses(
    registry: Registry, link_type: int
) -> None:
    root, other = (registry.layer(each).cls for each in first_layer_ids(link_type, b""))
    frame = bytes(other(bytes(range(4)) + b"\4" * 80))
    assert type(root(frame)) is other
