"""The list of protocols is one of protocols."""

from __future__ import annotations

import pytest

from scapy_server.catalog.handwritten import own_entries
from scapy_server.catalog.protocols import protocol_ids
from scapy_server.catalog.templates import Templates
from scapy_server.packet.layers.bindings import bound_payloads
from scapy_server.packet.layers.registry import Registry


@pytest.fixture(scope="module")
def ids(registry: Registry) -> list[str]:
    return protocol_ids(registry, own_entries(), Templates().layers())


def test_there_are_several_hundred(ids: list[str]) -> None:
    assert 200 <= len(ids) <= 1500
    assert len(set(ids)) == len(ids)


def test_whatever_can_follow_another_is_among_them(ids: list[str], registry: Registry) -> None:
    bound = {upper for layer in registry for upper in bound_payloads(registry, layer)}
    assert bound <= set(ids)
    assert Templates().layers() <= set(ids)


CHOSEN_BY_HAND = """
    Ether Dot3 IP IPv6 TCP UDP ICMP ARP IGMP IGMPv3 IGMPv3_MQ IGMPv3_MRS NTP NTPHeader NTPControl
    LLDPDU SCTP SCTPChunkInit RadioTap Dot11 PrismHeader CookedLinux USBpcap Padding Raw
    ICMPv6EchoRequest ICMPv6ND_NS ICMPv6MRD_Advertisement IPv6ExtHdrRouting MIP6MH_BU DHCP6
    DHCP6_Solicit EAP EAP_MD5 PPP_LCP_Configure PPTPEchoRequest SMB2_Create_Request SOCKS5Request
"""


@pytest.mark.parametrize("layer_id", CHOSEN_BY_HAND.split())
def test_what_people_choose_is_among_them(ids: list[str], layer_id: str) -> None:
    assert layer_id in ids


PARTS = """
    DNSQR DNSRR DNSRRSOA IPOption IPOption_NOP BGPPathAttr BGPNLRI_IPv4 RadiusAttr_User_Name
    TLS_Ext_ServerName ServerName SNMPvarbind RadiusAttribute Dot11EltCountry PPP_LCP_Option
    IGMPv3_MR_Group LLTDAttributeHostID OFPATOutput CDPMsgDeviceID NetflowTemplateV9 IE_IMSI
    ISIS_AreaTlv STUNUsername X509_Cert HPackIndexedHdr EDNS0TLV SvcParam SCTPChunkParamHostname
"""


@pytest.mark.parametrize("layer_id", PARTS.split())
def test_parts_are_not(ids: list[str], registry: Registry, layer_id: str) -> None:
    assert layer_id in registry
    assert layer_id not in ids
