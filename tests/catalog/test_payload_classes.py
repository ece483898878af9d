from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.catalog.definitions import Definitions
from scapy_server.catalog.payload_classes import payload_classes
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry

EXACT = [
    ("Ether", ["IP", "IPv6", "Dot1Q", "Raw"]),
    ("IP", ["TCP", "UDP", "ICMP", "Raw"]),
    ("ARP", ["Raw"]),
    ("DNS", ["Raw"]),
    ("BOOTP", ["DHCP", "Raw"]),
    ("RadioTap", ["Dot11", "Raw"]),
    ("PPPoED", ["PPPoED_Tags", "Raw"]),
    ("HTTP", ["HTTPRequest", "HTTPResponse", "Raw"]),
    ("ICMPv6TimeExceeded", ["IPerror6", "Raw"]),
]


@pytest.mark.parametrize(("layer_id", "expected"), EXACT)
def test_exact_lists(registry: Registry, layer_id: str, expected: list[str]) -> None:
    assert payload_classes(registry, layer_id) == expected


CASES = [
    ("Dot1Q", "Dot1Q IP IPv6 ARP MPLS PPPoE LLDPDU Raw", "TCP Padding"),
    ("Dot1AD", "Dot1Q Dot1AD IP IPv6 Raw", "UDP"),
    ("Dot3", "LLC Raw", "IP"),
    ("LLC", "SNAP STP Raw", "IP"),
    ("SNAP", "IP IPv6 ARP STP Raw", ""),
    ("IPv6", "TCP UDP ICMPv6EchoRequest ICMPv6ND_NS IPv6ExtHdrFragment IP GRE SCTP Raw", "ICMP"),
    ("IPv6ExtHdrHopByHop", "TCP UDP ICMPv6MLReport2 IPv6ExtHdrFragment Raw", ""),
    ("ICMP", "IPerror Raw", "TCP"),
    ("IPerror", "TCPerror UDPerror ICMPerror Raw", ""),
    ("ICMPv6DestUnreach", "IPerror6 Raw", ""),
    ("ICMPv6ND_NS", "ICMPv6NDOptSrcLLAddr Raw", "TCP"),
    ("ICMPv6NDOptSrcLLAddr", "ICMPv6NDOptMTU ICMPv6NDOptPrefixInfo Raw", ""),
    ("TCP", "HTTP TLS DNS BGP Raw", "TCP Padding"),
    ("UDP", "DNS BOOTP NTPHeader VXLAN GENEVE GTP_U_Header SNMP DHCP6_Solicit Raw", "UDP"),
    ("SCTP", "SCTPChunkInit SCTPChunkData SCTPChunkAbort Raw", "TCP"),
    ("SCTPChunkCookieEcho", "SCTPChunkData Raw", ""),
    ("GRE", "IP IPv6 Ether Dot1Q MPLS ERSPAN_II Raw", ""),
    ("VXLAN", "Ether IP IPv6 Raw", ""),
    ("GENEVE", "Ether IP IPv6 Raw", ""),
    ("MPLS", "MPLS IP IPv6 EoMCW Ether Raw", "TCP"),
    ("EoMCW", "Ether Raw", ""),
    ("GTP_U_Header", "IP IPv6 GTPPDUSessionContainer GTPEchoRequest Raw", ""),
    ("GTPHeader", "GTPCreatePDPContextRequest GTPEchoRequest Raw", ""),
    ("GTPPDUSessionContainer", "IP IPv6 Raw", ""),
    ("PPPoE", "PPP Raw", "IP"),
    ("PPP", "IP IPv6 PPP_LCP PPP_IPCP Raw", ""),
    ("IGMPv3", "IGMPv3mq IGMPv3mr IGMPv3mra Raw", "IGMPv3_MQ"),
    ("OSPF_Hdr", "OSPF_Hello Raw", ""),
    ("LLDPDU", "LLDPDUChassisID Raw", ""),
    ("Dot11", "Dot11Beacon LLC Raw", ""),
    ("DHCP6_Solicit", "DHCP6OptClientId DHCP6OptIA_NA Raw", ""),
    ("BGP", "BGPHeader Raw", ""),
]


@pytest.mark.parametrize(("layer_id", "offered", "never"), CASES)
def test_what_a_tester_needs(registry: Registry, layer_id: str, offered: str, never: str) -> None:
    found = payload_classes(registry, layer_id)
    assert set(offered.split()) <= set(found)
    assert not set(never.split()) & set(found)


@pytest.mark.sweep
def test_every_answer_is_well_formed(registry: Registry) -> None:
    """D38: only ids of defined layers, `Padding` never, `Raw` last."""
    for layer in registry:
        found = payload_classes(registry, layer.id)
        assert found[-1] == "Raw"
        assert len(found) == len(set(found))
        assert "Padding" not in found
        assert all(layer_id in registry for layer_id in found)
        assert found == payload_classes(registry, layer.id)


def test_an_unknown_layer_is_refused_with_advice(registry: Registry) -> None:
    with pytest.raises(RefusedError, match=r'no layer .Ehter.; did you mean "Ether"'):
        payload_classes(registry, "Ehter")


def test_an_operators_file_decides(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    path.write_text(
        '{"protocols": [{"id": "IP", "payloads": ["GRE", "*", "TCP"]},'
        ' {"id": "DNS", "payloads": []}]}'
    )
    handwritten = Definitions(registry, [path]).handwritten
    found = payload_classes(registry, "IP", handwritten)
    assert found[0] == "GRE"
    assert {"TCP", "UDP", "SCTP", "IGMP"} <= set(found)
    assert found[-1] == "Raw"
    assert payload_classes(registry, "DNS", handwritten) == ["Raw"]
    assert payload_classes(registry, "Ether", handwritten) == payload_classes(registry, "Ether")
