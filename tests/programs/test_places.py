from __future__ import annotations

from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs import places
from scapy_server.programs.places import MaskWrite
from tests.programs.support import build

Layers = tuple[str | dict[str, Any], ...]


def expression(text: str) -> dict[str, Any]:
    return {"vtype": "EXPRESSION", "expr": text}


ROUTERS: Layers = (
    "Ether",
    {"IP": {"options": expression("[IPOption_RR(routers=['1.2.3.4'])]")}},
    "UDP",
)
GRE = {"GRE": {"chksum_present": 0, "key_present": 1, "seqnum_present": 1}}
TUNNEL: Layers = ("Ether", "IP", GRE, "IP", {"GRE": {"key_present": 1}}, "IP")
TAGGED: Layers = ("Ether", "Dot1Q", "Dot1Q", "IP", "TCP")

FIELDS: list[tuple[Layers, object, int]] = [
    (TAGGED, "Ether.dst", 0),
    (TAGGED, "Ethernet.src", 6),
    (TAGGED, "Dot1Q.type", 16),
    (TAGGED, "Dot1Q:1.type", 20),
    (TAGGED, "802|1Q.type", 16),
    (TAGGED, "802|1Q:1.type", 20),
    (TAGGED, "Dot1Q:1.vlan", 18),
    (TAGGED, "IP.src", 34),
    (TAGGED, "TCP.sport", 42),
    (TAGGED, 7, 7),
    (TAGGED, "0x1E", 30),
    # options of a length that is not a multiple of four, and what follows them
    (ROUTERS, "IP.options", 34),
    (ROUTERS, "UDP.sport", 42),
    # two layers of one class, each with its own optional fields
    (TUNNEL, "GRE.key", 38),
    (TUNNEL, "GRE.sequence_number", 42),
    (TUNNEL, "IP:1.src", 58),
    (TUNNEL, "GRE:1.key", 70),
    (TUNNEL, "IP:2.ttl", 82),
]


@pytest.mark.parametrize(("layers", "name", "byte"), FIELDS, ids=str)
def test_fields(registry: Registry, layers: Layers, name: object, byte: int) -> None:
    assert places.field_place(name, build(registry, *layers)).byte == byte


@pytest.mark.parametrize(
    ("name", "byte"),
    [("IP", 22), ("IP:0", 22), ("Ether", 0), ("Ethernet", 0), ("Dot1Q:1", 18), ("9", 9)],
)
def test_layers(registry: Registry, name: str, byte: int) -> None:
    assert places.layer_place(name, build(registry, *TAGGED)).byte == byte


REFUSED: list[tuple[object, str]] = [
    ("IP", "'IP' is not a field"),
    ("802.1Q.type", "'802.1Q.type' is not a field"),
    ("IP.src.x", "is not a field"),
    ("UDP.sport", "the packet has no layer 'UDP'"),
    ("ip.src", "the packet has no layer 'ip'; did you mean \"IP\"?"),
    ("IP.sorc", "IP has no field 'sorc'; did you mean \"src\"?"),
    ("IP:1.src", "'IP:1' counts from 0 and the packet has only one IP layer"),
    ("Dot1Q:2.type", "the packet has only 2 Dot1Q layers"),
    ("IP:x.src", "the packet has no layer 'IP:x'"),
    ("IP.options", "IP.options takes no bytes in this packet"),
    (".src", "the packet has no layer ''"),
    ("IP.", "IP has no field ''"),
    ("", "'' is not a field"),
    (None, "null is not a field"),
    (True, "True is not a field"),
    (-1, "-1 is before the packet"),
    ([], r"\[\] is not a field"),
]


@pytest.mark.parametrize(("name", "sentence"), REFUSED, ids=str)
def test_refusals(registry: Registry, name: object, sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence.replace("?", r"\?")):
        places.field_place(name, build(registry, *TAGGED))


def test_names_need_a_packet() -> None:
    with pytest.raises(RefusedError, match="only where the packet is given"):
        places.field_place("IP.src", None)
    assert places.field_place("26", None).byte == 26


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("IP.flags", MaskWrite(22 + 6, 1, 0xE0, 5)),
        ("IP.frag", MaskWrite(22 + 6, 2, 0x1FFF, 0)),
        ("IP.ihl", MaskWrite(22, 1, 0x0F, 0)),
        ("Dot1Q.vlan", MaskWrite(14, 2, 0x0FFF, 0)),
        ("TCP.dataofs", MaskWrite(42 + 12, 1, 0xF0, 4)),
    ],
)
def test_mask_writes_of_bit_fields(registry: Registry, name: str, write: MaskWrite) -> None:
    packet = build(registry, *TAGGED)
    place = places.field_place(name, packet)
    assert place.is_bit_field
    assert places.mask_write(place) == write
    assert places.masked_field_name(packet, write) == name


def test_a_field_of_three_bytes_needs_four(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP", "VXLAN")
    place = places.field_place("VXLAN.vni", packet)
    assert not place.is_bit_field
    assert places.mask_write(place) == MaskWrite(46, 4, 0xFFFFFF00, 8)


@pytest.mark.parametrize("mask", [0, 0b101, 0b110])
def test_a_mask_that_is_no_field_has_no_name(registry: Registry, mask: int) -> None:
    packet = build(registry, *TAGGED)
    assert places.masked_field_name(packet, MaskWrite(28, 1, mask, 0)) is None


def test_every_name_that_is_given_finds_its_place(registry: Registry) -> None:
    packet = build(registry, *TUNNEL)
    for byte in range(len(packet.frame)):
        for size in (1, 2, 4):
            name = places.field_name(packet, byte, size)
            if name is not None:
                assert places.field_place(name, packet).byte == byte


QUESTION: Layers = ("Ether", "IP", "UDP", {"DNS": {"qd": expression("[DNSQR()]")}})
OPTIONS: Layers = (
    "Ether",
    "IP",
    {"TCP": {"options": expression("[('NOP', None), ('MSS', 1460)]")}},
)


@pytest.mark.parametrize(
    ("layers", "name", "byte", "bits"),
    [
        (QUESTION, "DNS.qd[0].qtype", 42 + 29, 16),
        (QUESTION, "DNS:0.qd[0].qname", 42 + 12, 8 * 17),
        (QUESTION, "DNS.qd[0]", 42 + 12, 8 * 21),
        (OPTIONS, "TCP.options[1].value", 54 + 3, 16),
        (OPTIONS, "TCP.options[0]", 54, 8),
    ],
)
def test_parts_of_fields(
    registry: Registry, layers: Layers, name: str, byte: int, bits: int
) -> None:
    place = places.field_place(name, build(registry, *layers))
    assert (place.byte, place.bits[1]) == (byte, bits)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("DNS.qd[3].qtype", r"'DNS.qd\[3\].qtype' is not a field: qd has 1 item"),
        ("DNS.qd[0].nothing", "there is no field 'nothing' in DNSQR"),
        ("DNS.an[0].ttl", "an has 0 items"),
        ("TCP.qd[0].qtype", "is not a field"),
    ],
)
def test_parts_that_are_not_there(registry: Registry, name: str, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        places.field_place(name, build(registry, *QUESTION))
