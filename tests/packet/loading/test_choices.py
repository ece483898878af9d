"""What payloads are read as. The right answers are those of the RFCs and of tshark."""

from __future__ import annotations

from pathlib import Path

import pytest
from scapy.contrib.mpls import MPLS
from scapy.contrib.oncrpc import RPC, RPC_Call
from scapy.layers.dns import DNS
from scapy.layers.inet import ICMP, IP, TCP, UDP, ICMPExtension_Header, ICMPExtension_Object
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt
from scapy.layers.l2 import GRE, CookedLinux, Dot1Q, Ether
from scapy.layers.sctp import SCTP
from scapy.packet import Packet, Raw

from scapy_server.captures.writing import write_capture
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading.choices import BINDINGS, UNBOUND, Binding, Unbound
from tests import tshark

LOWER: Packet = IP() / UDP(sport=9, dport=9)
ETHERNET, NULL, COOKED = 1, 0, 113
CALL = bytes(RPC() / RPC_Call())
AH = bytes([6, 4, 0, 0]) + bytes(20)
QUOTE = bytes(IP() / UDP(sport=9, dport=9) / Raw(bytes(300)))
EXTENSION: Packet = ICMPExtension_Header() / ICMPExtension_Object() / Raw(b"abcd")
TRACED: Packet = Ether() / IP() / ICMP(type=11)
ERSPAN: Packet = GRE(proto=0x88BE) / Ether(dst="10:00:00:00:00:01") / LOWER
#: RFC 5340, appendix A.3.2: a Hello of version 3 without neighbours.
OSPFV3_HELLO = bytes.fromhex(
    "030100240101010100000000000000000000000001000000000a00280000000000000000"
)
#: IEEE 1588-2008, 13.3 and 13.5: an Announce message of version 2.
ANNOUNCE = bytes([0x0B, 2, 0, 64]) + bytes(60)
#: RFC 9001, appendix A.3: a server's Initial packet, protected.
QUIC = bytes.fromhex(
    "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3"
    "8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84"
    "022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee"
)
STUN = bytes.fromhex("000100002112a442b7e7a701bc34d686fa87dfae")
#: A packet, the layers that are to be read, its link type, and tshark's stack where it agrees.
Case = tuple[Packet, str, int, str | None]
CASES: dict[str, Case] = {
    "0x9100": (Ether(type=0x9100) / Dot1Q() / IP(), "Ether Dot1Q IP", ETHERNET, "eth:vlan:ip"),
    "QUIC": (
        Ether() / IP() / UDP(sport=443, dport=40000) / Raw(QUIC),
        "Ether IP UDP QUIC_Initial Raw",
        ETHERNET,
        "eth:ip:udp:quic",
    ),
    "other bytes on port 443": (
        Ether() / IP() / UDP(sport=443, dport=40000) / Raw(b"\xcfother"),
        "Ether IP UDP Raw",
        ETHERNET,
        None,
    ),
    "STUN": (
        Ether() / IP() / UDP(sport=40000, dport=19302) / Raw(STUN),
        "Ether IP UDP STUN",
        ETHERNET,
        "eth:ip:udp:stun",
    ),
    "0x9200": (Ether(type=0x9200) / Dot1Q() / IP(), "Ether Dot1Q IP", ETHERNET, None),
    "IPv6 on NetBSD": (Raw(b"\x18\0\0\0" + bytes(IPv6())), "Loopback IPv6", NULL, "null:ipv6"),
    "IPv6 on FreeBSD": (Raw(b"\x1c\0\0\0" + bytes(IPv6())), "Loopback IPv6", NULL, "null:ipv6"),
    "IPv6 on macOS": (Raw(b"\x1e\0\0\0" + bytes(IPv6())), "Loopback IPv6", NULL, "null:ipv6"),
    "big-endian": (Raw(b"\0\0\0\x1e" + bytes(IPv6())), "Loopback IPv6", NULL, "null:ipv6"),
    "big-endian IPv4": (Raw(b"\0\0\0\x02" + bytes(IP())), "Loopback IP", NULL, "null:ip"),
    "OSPF behind an AH of IPv6": (
        Ether() / IPv6(nh=51) / Raw(bytes([89]) + AH[1:] + OSPFV3_HELLO),
        "Ether IPv6 AH OSPFv3_Hdr OSPFv3_Hello",
        ETHERNET,
        "eth:ipv6:ah:ospf",
    ),
    "ICMPv6 behind an AH": (
        Ether() / IPv6(nh=51) / Raw(bytes([58]) + AH[1:] + bytes(ICMPv6EchoRequest())),
        "Ether IPv6 AH ICMPv6EchoRequest",
        ETHERNET,
        "eth:ipv6:ah:icmpv6",
    ),
    "SCTP behind options": (
        Ether() / IPv6() / IPv6ExtHdrDestOpt(nh=132) / Raw(bytes(SCTP(sport=9, dport=9))),
        "Ether IPv6 IPv6ExtHdrDestOpt SCTP",
        ETHERNET,
        "eth:ipv6:ipv6.dstopts:sctp",
    ),
    "AH": (
        Ether() / IP(proto=51) / Raw(AH + bytes(TCP(dport=9))),
        "Ether IP AH TCP",
        ETHERNET,
        "eth:ip:ah:tcp",
    ),
    "clocks": (Ether(type=0x88F7) / Raw(ANNOUNCE), "Ether PTP", ETHERNET, "eth:ptp"),
    "clocks in a VLAN": (
        Ether() / Dot1Q(type=0x88F7) / Raw(ANNOUNCE),
        "Ether Dot1Q PTP",
        ETHERNET,
        "eth:vlan:ptp",
    ),
    "MPLS in IP": (
        Ether() / IP(proto=137) / MPLS() / IP(),
        "Ether IP MPLS IP",
        ETHERNET,
        "eth:ip:mpls:ip",
    ),
    "MPLS, Linux cooked": (
        CookedLinux(proto=0x8847) / MPLS() / IP(),
        "CookedLinux MPLS IP",
        COOKED,
        "sll:mpls:ip",
    ),
    "Ethernet over MPLS": (
        Ether() / MPLS() / Ether() / LOWER,
        "Ether MPLS Ether IP UDP",
        ETHERNET,
        None,
    ),
    "with a control word": (
        Ether() / MPLS() / Raw(bytes(4) + bytes(Ether() / LOWER)),
        "Ether MPLS EoMCW Ether IP UDP",
        ETHERNET,
        None,
    ),
    "RPC over UDP": (
        Ether() / IP() / UDP(sport=9, dport=2049) / Raw(CALL),
        "Ether IP UDP RPC RPC_Call",
        ETHERNET,
        None,
    ),
    "RPC over TCP": (
        Ether() / IP() / TCP(dport=111) / Raw(bytes([128, 0, 0, len(CALL)]) + CALL),
        "Ether IP TCP RM_Header RPC RPC_Call",
        ETHERNET,
        None,
    ),
    "in the middle of a record": (
        Ether() / IP() / TCP(dport=2049) / Raw(b"x" * 90),
        "Ether IP TCP Raw",
        ETHERNET,
        None,
    ),
    "Teredo": (
        Ether() / IP() / UDP(sport=9, dport=3544) / IPv6(nh=59),
        "Ether IP UDP IPv6",
        ETHERNET,
        "eth:ip:udp:teredo:ipv6",
    ),
    "Teredo with an indication": (
        Ether() / IP() / UDP(sport=9, dport=3544) / Raw(bytes(8) + bytes(IPv6(nh=59))),
        "Ether IP UDP Raw",
        ETHERNET,
        None,
    ),
    "sFlow": (
        Ether() / IP() / UDP(sport=9, dport=6343) / Raw(b"\0\0\0\x05\0\0\0\x01" + bytes(20)),
        "Ether IP UDP Raw",
        ETHERNET,
        "eth:ip:udp:sflow",
    ),
    "ERSPAN I": (Ether() / IP() / ERSPAN, "Ether IP GRE ERSPAN_I Ether IP UDP", ETHERNET, None),
    "a long quote": (
        TRACED / Raw(QUOTE),
        "Ether IP ICMP IPerror UDPerror Raw",
        ETHERNET,
        "eth:ip:icmp:ip:udp:data",
    ),
    "a TLS port": (
        Ether() / IP() / TCP(dport=853) / Raw(bytes.fromhex("15030300020100")),
        "Ether IP TCP TLS",
        ETHERNET,
        "eth:ip:tcp:tls",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_payload(case: Case, registry: Registry) -> None:
    packet, layers, link_type, _ = case
    assert PacketCodec(registry).summarise(bytes(packet), link_type).layers == layers.split()


@pytest.mark.processes
@pytest.mark.parametrize("case", [case for case in CASES.values() if case[3] is not None])
def test_payload_as_tshark_reads_it(case: Case, tmp_path: Path) -> None:
    packet, _, link_type, stack = case
    path = tmp_path / "one.pcap"
    path.write_bytes(write_capture([bytes(packet)], link_type))
    (found,) = tshark.dissect(path)
    assert found.stack == stack


def test_a_dns_message_asks_nothing_of_its_own(registry: Registry) -> None:
    assert bytes(DNS()).hex() == "000001000000000000000000"


def test_every_entry_names_layers_that_exist(registry: Registry) -> None:
    known = {
        f"{layer.cls.__module__.rpartition('.')[2]}.{layer.cls.__name__}" for layer in registry
    }
    entries: list[Binding | Unbound] = [*BINDINGS, *UNBOUND]
    assert {name for entry in entries for name in (entry.lower, entry.upper)} <= known
    assert all(entry.why for entry in entries)
