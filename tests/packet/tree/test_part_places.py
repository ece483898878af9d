"""Where parts are; tshark is the judge of those that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from scapy.contrib.bgp import (
    BGPHeader,
    BGPNLRI_IPv4,
    BGPPANextHop,
    BGPPAOrigin,
    BGPPathAttr,
    BGPUpdate,
)
from scapy.contrib.gtp_v2 import IE_IMSI, IE_RAT, GTPHeader, GTPV2CreateSessionRequest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import DHCP6_Solicit, DHCP6OptIA_NA, DHCP6OptIAAddress
from scapy.layers.dns import DNS, DNSQR, DNSRR, DNSRRMX, DNSRROPT
from scapy.layers.inet import IP, TCP, UDP, IPOption_NOP, IPOption_RR
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.layers.radius import Radius, RadiusAttribute
from scapy.packet import Packet

from scapy_server.captures.writing import write_capture
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import trace_layer
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.tree.part_places import PartPlaces
from scapy_server.schema.results import FieldResult, PartResult
from tests import tshark

REQUEST = b"GET / HTTP/1.1\r\nX-Test: 12\r\n\r\n"
OPTIONS = bytes.fromhex("00350050 00000000 00000000 6002200000000000 020405b4")


def find(registry: Registry, layer_id: str, data: bytes, path: str) -> bytes | None:
    traced = trace_layer(registry.layer(layer_id).cls, data, 0, None)[0]
    place = PartPlaces(data, traced, registry).find(path)
    start = place.bit_offset // 8
    return data[start : start + place.bit_length // 8] if place.known else None


def test_header_lines_and_members_are_found(registry: Registry) -> None:
    assert find(registry, "HTTPRequest", REQUEST, "Unknown_Headers.X-Test") == b"12"
    assert find(registry, "TCP", OPTIONS, "options[0].value") == b"\x05\xb4"
    assert find(registry, "HTTPRequest", REQUEST, "Unknown_Headers.X-Other") is None


def test_what_is_not_there_is_refused(registry: Registry) -> None:
    with pytest.raises(RefusedError, match=r"options has 1 item"):
        find(registry, "TCP", OPTIONS, "options[3].value")
    with pytest.raises(RefusedError, match=r"has no code"):
        find(registry, "TCP", OPTIONS, "options[0].code")


NAME, ADDRESS = "a.example", "192.0.2.1"
#: Packets whose fields have parts, and how many of these begin and end between bytes.
JUDGED: dict[str, tuple[Packet, int]] = {
    "DNS": (
        IP()
        / UDP(sport=53, dport=40000)
        / DNS(
            qr=1,
            qd=[DNSQR(qname=NAME)],
            an=[DNSRR(rrname=NAME, rdata=ADDRESS), DNSRRMX(rrname=NAME, exchange="mx.a.example")],
            ar=[DNSRROPT()],
        ),
        24,
    ),
    "TCP": (
        IP() / TCP(options=[("MSS", 1460), ("SAckOK", b""), ("NOP", None), ("WScale", 7)]),
        11,
    ),
    "DHCP": (
        IP()
        / UDP(sport=68, dport=67)
        / BOOTP()
        / DHCP(options=[("message-type", "discover"), ("requested_addr", ADDRESS), "end"]),
        7,
    ),
    "BGP": (
        IP()
        / TCP(sport=40000, dport=179, flags="PA")
        / BGPHeader(type=2)
        / BGPUpdate(
            path_attr=[
                BGPPathAttr(type_flags=0x40, type_code=1, attribute=BGPPAOrigin(origin=0)),
                BGPPathAttr(type_flags=0x40, type_code=3, attribute=BGPPANextHop(next_hop=ADDRESS)),
            ],
            nlri=[BGPNLRI_IPv4(prefix="198.51.100.0/24")],
        ),
        16,
    ),
    "RADIUS": (
        IP()
        / UDP(sport=40000, dport=1812)
        / Radius(
            code=1,
            attributes=[
                RadiusAttribute(type=1, value=b"user"),
                RadiusAttribute(type=4, value=bytes([192, 0, 2, 1])),
            ],
        ),
        8,
    ),
    "IP": (IP(options=[IPOption_RR(routers=[ADDRESS]), IPOption_NOP()]) / UDP(dport=9), 6),
    "GTPv2": (
        IP()
        / UDP(sport=2123, dport=2123)
        / GTPHeader(seq=5, gtp_type=32, T=1, teid=9)
        / GTPV2CreateSessionRequest(
            IE_list=[
                IE_IMSI(ietype=1, length=8, IMSI="001010000000001"),
                IE_RAT(ietype=82, length=1, RAT_type=6),
            ]
        ),
        8,
    ),
    "DHCPv6": (
        IPv6()
        / UDP(sport=546, dport=547)
        / DHCP6_Solicit(trid=7)
        / DHCP6OptIA_NA(iaid=4, ianaopts=[DHCP6OptIAAddress(addr="2001:db8::9")]),
        6,
    ),
}
#: What tshark shows only as a part of something else: the code of an option of DHCP, by its name.
_WITHIN = "DHCP.options.code"


def parts_of(
    fields: Sequence[FieldResult], prefix: str
) -> Iterator[tuple[str, FieldResult | PartResult]]:
    for field in fields:
        for part in field.parts or ():
            yield f"{prefix}{field.id}", part
            for inner in part.fields:
                yield f"{prefix}{field.id}.{inner.id}", inner
            yield from parts_of(part.fields, f"{prefix}{field.id}.")


@pytest.mark.processes
@pytest.mark.parametrize("name", JUDGED)
def test_parts_are_where_tshark_has_them(name: str, registry: Registry, tmp_path: Path) -> None:
    packet, least = JUDGED[name]
    frame = bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet)
    path = tmp_path / "frame.pcap"
    path.write_bytes(write_capture([frame]))
    theirs = {
        (field.position, field.size)
        for protocol in tshark.dissect(path)[0].protocols
        for field in protocol.walk()
    }
    compared = 0
    for layer in PacketCodec(registry).dissect(frame).data:
        for path_of, part in parts_of(layer.fields, f"{layer.id}."):
            start, bits = 8 * layer.offset + part.bit_offset, part.bit_length
            if start % 8 or bits % 8 or not bits or path_of == _WITHIN:
                continue
            assert (start // 8, bits // 8) in theirs, (path_of, start // 8, bits // 8)
            compared += 1
    assert compared >= least
