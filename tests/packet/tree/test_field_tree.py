from __future__ import annotations

import base64
from typing import Any

import pytest
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
from scapy.layers.ntp import NTPHeader
from scapy.packet import Packet, Padding, Raw

from scapy_server.packet.frames.assembly import assemble, stack
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.field_tree import FieldTree, RequestedLayer, shown_id
from scapy_server.schema.results import FieldResult, PacketResult

pytestmark = pytest.mark.usefixtures("registry")


def shown(registry: Registry, *layers: Packet, **ids: str) -> tuple[PacketResult, BuiltPacket]:
    stack(layers)
    names = [ids.get(type(layer).__name__, type(layer).__name__) for layer in layers]
    built = assemble(layers, names)
    real = trace_chain(type(layers[0]), built.frame)
    asked = [RequestedLayer(name, layer) for name, layer in zip(names, layers, strict=True)]
    tree = FieldTree(asked, built, real, registry)
    return tree.result(), tree.layout()


def field(result: PacketResult, depth: int, name: str) -> FieldResult:
    return next(each for each in result.data[depth].fields if each.id == name)


def test_a_packet_that_reads_as_it_was_asked_for(registry: Registry) -> None:
    result, built = shown(registry, Ether(), IP(), TCP())
    assert [(each.id, each.name, each.real_id, each.offset) for each in result.data] == [
        ("Ether", "Ethernet", "Ether", 0),
        ("IP", "IP", "IP", 14),
        ("TCP", "TCP", "TCP", 34),
    ]
    assert result.binary == base64.b64encode(built.frame).decode()
    assert [(each.id, each.offset, each.header_length) for each in built.layers] == [
        ("Ether", 0, 14),
        ("IP", 14, 20),
        ("TCP", 34, 20),
    ]


def test_once_the_structures_part_nothing_below_is_real(registry: Registry) -> None:
    result, _ = shown(registry, Ether(), TCP(), IP())
    assert [(each.real_id, each.valid_structure) for each in result.data] == [
        ("Ether", True),
        ("Raw", False),
        (None, False),
    ]
    # Each layer is shown as its own class reads its own bytes all the same.
    assert field(result, 1, "dport").value == 80
    assert field(result, 2, "ttl").value == 64


def test_a_frame_without_fields_may_be_left_out(registry: Registry) -> None:
    layers = [registry.layer(name).cls() for name in ("LLDPDUChassisID", "LLDPDUEndOfLLDPDU")]
    result, _ = shown(registry, Ether(), *layers)
    assert [(each.real_id, each.valid_structure) for each in result.data] == [
        ("Ether", True),
        ("LLDPDUChassisID", True),
        ("LLDPDUEndOfLLDPDU", True),
    ]
    result, _ = shown(registry, Ether(), IP(), TCP(dport=80), registry.layer("HTTPRequest").cls())
    assert [each.real_id for each in result.data] == ["Ether", "IP", "TCP", "HTTPRequest"]
    result, _ = shown(registry, Ether(), IP(), TCP(dport=80), Raw(b"GET / HTTP/1.1\r\n\r\n"))
    assert [each.real_id for each in result.data] == ["Ether", "IP", "TCP", "HTTP"]


def test_the_id_is_the_requested_one(registry: Registry) -> None:
    result, _ = shown(registry, NTPHeader(), NTPHeader="NTP")
    assert (result.data[0].id, result.data[0].real_id) == ("NTP", "NTPHeader")


def test_nothing_real_is_known_of_a_frame_without_a_dissection(registry: Registry) -> None:
    layer = IP()
    built = assemble([layer], ["IP"])
    result = FieldTree([RequestedLayer("IP", layer)], built, [], registry).result()
    assert (result.data[0].real_id, result.data[0].valid_structure) == (None, False)
    assert field(result, 0, "ttl").value == 64


def test_a_layer_that_cannot_read_its_own_bytes_is_shown_as_asked(registry: Registry) -> None:
    """A header length of 60 bytes over 20: the options that it promises are not there."""
    result, built = shown(registry, Ether(), IP(ihl=15, ttl=7))
    assert field(result, 1, "ttl").value == 7
    assert field(result, 1, "ihl").value == 15
    assert len(built.frame) == 34


@pytest.mark.parametrize(
    ("layer", "name", "expected"),
    [
        # offset, length, bit_offset, bit_length, ignored
        (IP(), "version", (0, 0, 0, 4, False)),
        (IP(), "frag", (6, 0, 51, 13, False)),
        (IP(), "src", (12, 4, 96, 32, False)),
        (IP(), "options", (20, 2, 160, 0, True)),
        (TCP(options=[("MSS", 1)]), "options", (20, 4, 160, 32, False)),
        (TCP(), "options", (20, 2, 160, 0, True)),
        (Raw(b""), "load", (0, 2, 0, 0, True)),
        (Raw(b"abc"), "load", (0, 3, 0, 24, False)),
    ],
    ids=str,
)
def test_places(layer: Any, name: str, expected: tuple[object, ...], registry: Registry) -> None:
    result, _ = shown(registry, Ether(), layer)
    found = field(result, 1, name)
    assert expected == (
        found.offset,
        found.length,
        found.bit_offset,
        found.bit_length,
        found.ignored is True,
    )


def test_an_empty_field_is_ignored_only_where_no_bytes_follow(registry: Registry) -> None:
    result, _ = shown(registry, Ether(), IP(), TCP())
    assert field(result, 1, "options").ignored is not True
    assert field(result, 2, "options").ignored is True


def test_padding_goes_by_raw(registry: Registry) -> None:
    assert shown_id(Padding(b"x"), registry) == "Raw"
    assert shown_id(Raw(b"x"), registry) == "Raw"
    assert shown_id(IP(), registry) == "IP"
