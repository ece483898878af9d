from __future__ import annotations

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from scapy_server.streams.headers import Headers, inner_frame, read_headers


def headers(packet: Packet) -> Headers:
    return read_headers(bytes(packet))


def test_headers_are_found_behind_tags_and_options() -> None:
    ether = Ether(src="0:0:0:0:0:1", dst="0:0:0:0:0:2")
    assert headers(ether / IP() / UDP() / "xx") == Headers(4, 14, 17, 34, 42)
    tagged = ether / Dot1AD(vlan=1) / Dot1Q(vlan=2) / IP(options=[b"\1" * 4]) / TCP() / "xx"
    assert headers(tagged) == Headers(4, 22, 6, 46, 66)
    assert headers(ether / IP() / TCP(options=[("NOP", None)] * 4)).payload == 58
    assert headers(ether / IP() / ICMP()).payload == 42
    assert headers(ether / IP(proto=99) / Raw(b"x")).payload == 34
    extended = ether / IPv6() / IPv6ExtHdrHopByHop() / UDP()
    assert headers(extended) == Headers(6, 14, 17, 62, 70)


def test_other_frames_have_none() -> None:
    ether = Ether(src="0:0:0:0:0:1", dst="0:0:0:0:0:2")
    assert headers(ether / ARP()).version is None
    assert read_headers(b"").version is None
    assert read_headers(bytes(ether / IP())[:20]).version is None
    assert read_headers(bytes(14) + b"\x08\x00").version is None


def test_the_frame_within_a_tunnel() -> None:
    ether = Ether(src="0:0:0:0:0:1", dst="0:0:0:0:0:2")
    tunnel = bytes(ether / IP() / UDP(dport=4789) / VXLAN() / ether / IP() / UDP())
    start = inner_frame(tunnel)
    assert start == 50
    assert read_headers(tunnel, start) == Headers(4, 64, 17, 84, 92)
    assert inner_frame(bytes(ether / IP() / TCP() / bytes(60))) is None
    assert inner_frame(bytes(ether / IP() / UDP())) is None
