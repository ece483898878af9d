"""What a port answers, compared with what Scapy makes of question and answer."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.inet6 import (
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    IPv6,
)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet, Raw

from scapy_server.services.ports.frames.replies import (
    Host,
    announcement,
    link_local,
    may_matter,
    packed,
    reply_to,
)

MAC, ASKER = "02:00:00:00:00:10", "02:00:00:00:00:99"
HOST = Host(
    bytes.fromhex("020000000010"),
    packed("1.1.1.1"),
    (packed("2001:db8::1"), link_local(bytes.fromhex("020000000010"))),
)


def answer(question: Packet, host: Host = HOST) -> Packet | None:
    data = reply_to(bytes(question), host)
    return None if data is None else Ether(data)


def test_arp() -> None:
    question = Ether(src=ASKER, dst="ff:ff:ff:ff:ff:ff") / ARP(
        hwsrc=ASKER, psrc="1.1.1.2", pdst="1.1.1.1"
    )
    reply = answer(question)
    assert reply is not None
    assert (reply.dst, reply.src, len(reply)) == (ASKER, MAC, 60)
    arp = reply[ARP]
    assert (arp.op, arp.hwsrc, arp.psrc, arp.hwdst, arp.pdst) == (
        2, MAC, "1.1.1.1", ASKER, "1.1.1.2",
    )  # fmt: skip


@pytest.mark.parametrize("payload", [b"", b"x" * 37, b"y" * 1400])
def test_echo(payload: bytes) -> None:
    question = Ether(src=ASKER, dst=MAC) / IP(src="1.1.1.2", dst="1.1.1.1") / ICMP(id=7, seq=3)
    reply = answer(question / Raw(payload) if payload else question)
    assert reply is not None
    assert (reply[IP].src, reply[IP].dst, reply[IP].ttl) == ("1.1.1.1", "1.1.1.2", 128)
    assert (reply[ICMP].type, reply[ICMP].id, reply[ICMP].seq) == (0, 7, 3)
    assert bytes(reply[ICMP].payload)[: len(payload)] == payload
    rebuilt = reply[IP].copy()
    for layer in (rebuilt, rebuilt[ICMP]):
        del layer.chksum
    sums = IP(bytes(rebuilt))
    assert (sums.chksum, sums[ICMP].chksum) == (reply[IP].chksum, reply[ICMP].chksum)


def test_neighbour_solicitation() -> None:
    question = (
        Ether(src=ASKER, dst="33:33:ff:00:00:01")
        / IPv6(src="2001:db8::2", dst="ff02::1:ff00:1")
        / ICMPv6ND_NS(tgt="2001:db8::1")
    )
    reply = answer(question)
    assert reply is not None
    advertised = reply[ICMPv6ND_NA]
    assert (advertised.tgt, advertised.S, advertised.O) == ("2001:db8::1", 1, 1)
    assert reply[ICMPv6NDOptDstLLAddr].lladdr == MAC
    assert checked(reply)


def test_echo_over_ipv6() -> None:
    question = (
        Ether(src=ASKER, dst=MAC)
        / IPv6(src="2001:db8::2", dst="2001:db8::1")
        / ICMPv6EchoRequest(id=5, seq=6, data=b"abc")
    )
    reply = answer(question)
    assert reply is not None
    assert (reply[ICMPv6EchoReply].id, reply[ICMPv6EchoReply].data[:3]) == (5, b"abc")
    assert checked(reply)


def checked(packet: Packet) -> bool:
    """Whether the ICMPv6 checksum is the one that Scapy computes."""
    rebuilt = packet[IPv6].copy()
    given = rebuilt.payload.cksum
    del rebuilt.payload.cksum
    return bool(IPv6(bytes(rebuilt)).payload.cksum == given)


def test_tags_must_be_the_ports_own() -> None:
    host = Host(HOST.mac, HOST.ipv4, vlans=(20,))
    tagged = Ether(src=ASKER, dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=20) / ARP(pdst="1.1.1.1")
    reply = answer(tagged, host)
    assert reply is not None
    assert reply[Dot1Q].vlan == 20
    assert answer(tagged) is None
    assert answer(Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(pdst="1.1.1.1"), host) is None


@pytest.mark.parametrize(
    "question",
    [
        Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(pdst="1.1.1.9"),
        Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(op=2, pdst="1.1.1.1"),
        Ether(dst="ff:ff:ff:ff:ff:ff") / ARP(psrc="1.1.1.1", pdst="1.1.1.1"),
        Ether(dst="02:00:00:00:00:77") / ARP(pdst="1.1.1.1"),
        Ether(dst=MAC) / IP(dst="1.1.1.1") / UDP(),
        Ether(dst=MAC) / IP(dst="1.1.1.1") / ICMP(type=0),
        Ether(dst=MAC) / IP(dst="1.1.1.1", flags="MF") / ICMP(),
    ],
)
def test_nothing_else_is_answered(question: Packet) -> None:
    question[Ether].src = ASKER
    assert answer(question) is None


def test_announcement() -> None:
    arp = Ether(announcement(HOST))[ARP]
    assert (arp.psrc, arp.pdst, arp.hwsrc) == ("1.1.1.1", "1.1.1.1", MAC)


def test_link_local_addresses() -> None:
    made = ipaddress.IPv6Address(link_local(HOST.mac))
    assert str(made) == "fe80::ff:fe00:10"


@given(st.binary(max_size=120))
def test_no_frame_fails(data: bytes) -> None:
    reply = reply_to(data, HOST) if len(data) >= 14 else None
    # Whoever looks at headers alone lets nothing through that would have been answered.
    assert reply is None or (may_matter(data) and len(reply) >= 14)
