from __future__ import annotations

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, GRE
from scapy.packet import Raw

from scapy_server.errors import RefusedError
from scapy_server.packet.edits.encoding import (
    bytes_for,
    encoded,
    fills_bits,
    fills_bytes,
    forms,
    number_in,
)
from scapy_server.packet.frames.place import Place
from scapy_server.packet.layers.registry import Registry


def test_values_that_make_other_fields_come_or_change_steer_the_structure(
    registry: Registry,
) -> None:
    gre = GRE()
    before = forms(gre)
    gre.proto = 1
    assert forms(gre) == before
    gre.chksum_present = 1
    assert forms(gre) != before
    icmp = ICMP()
    before = forms(icmp)
    icmp.code = 1
    assert forms(icmp) == before
    icmp.type = 11
    assert forms(icmp) != before


def test_a_value_takes_bytes_or_bits(registry: Registry) -> None:
    facts = registry.layer("IP").by_id
    packet = IP(src="192.0.2.1", frag=5)
    assert encoded(packet, facts["src"], "192.0.2.1") == bytes([192, 0, 2, 1])
    assert number_in(packet, facts["frag"], 5) == 5
    assert fills_bits(packet, facts["frag"], Place(51, 13, True))
    assert not fills_bits(packet, facts["src"], Place(96, 32, True))
    assert fills_bytes(Place(8, 16, True)) and not fills_bytes(Place(8, 13, True))


def test_what_cannot_be_built_alone_is_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="cannot be built"):
        encoded(Raw(), registry.layer("IP").by_id["src"], "nowhere")


def test_bytes_of_a_field_that_was_cut_are_not_filled_up(registry: Registry) -> None:
    cut = ARP(ptype=0x1234, plen=230)
    source = registry.layer("ARP").by_id["psrc"]
    assert bytes_for(cut, source.for_packet(cut), Place(112, 32, True), b"abcd") == b"abcd"


def test_a_number_is_written_though_scapy_would_compute_it(registry: Registry) -> None:
    # For 0 Scapy writes the length that it computes itself.
    layer = registry.layer("ISIS_P2PAdjacencyStateTlv")
    packet = layer.cls(bytes.fromhex("f00102"))
    assert bytes_for(packet, layer.by_id["len"], Place(8, 8, True), 0) == b"\0"
