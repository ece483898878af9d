from __future__ import annotations

import pytest

from scapy_server.batch.named import check_with, field_named
from scapy_server.desk.errors import DeskError
from scapy_server.desk.filtering import parse_filter
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry


def test_a_field_is_that_of_the_longest_layer(registry: Registry) -> None:
    named = field_named("DNS:1.qd[0].qname", registry)
    assert (named.layer_id, named.occurrence, named.field_id) == ("DNS", 1, "qd[0].qname")
    assert named.facts.id == "qd"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("IP.sorc == 1.1.1.1", "--where IP.sorc: there is no field 'sorc' in IP"),
        ("TCP or IPX.src == 1.1.1.1", "there is no layer 'IPX'"),
        ("tcp.dport == 80", "there is no layer 'tcp'; did you mean \"TCP\"?"),
        ("not ip", "there is no layer 'ip'; did you mean \"IP\"?"),
        ("numbr == 1", "there is no layer 'numbr'; did you mean \"number\"?"),
        ("IP.src == 1.1.1", "'1.1.1' is not an IPv4 address"),
        ("IP.src in (16.0.0.1, 10.0.0.0/8)", "'10.0.0.0/8' is not an IPv4 address"),
        ("TCP.dport == http", "--where TCP.dport: 'http' is not a number"),
        ("IP.ttl > abc", "'abc' is not a number; ttl takes 0 to 255"),
        ("TCP.flags == SYN", "is not a flag; the flags are F, S, R"),
        ("DNS.qd[0].qtyp == A", "there is no field 'qtyp' in DNSQR; did you mean \"qtype\"?"),
        ("DNS.an[0].nothing == 1", "there is no field 'nothing' in what an may hold"),
        ("IP.proto == tpc", "'tpc' is not a number or a known name"),
    ],
)
def test_what_holds_for_no_packet_is_refused(registry: Registry, text: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse_filter(text, check_with(registry))
    assert said in refused.value.detail


@pytest.mark.parametrize("text", ["number in 5-9", "length == long"])
def test_numbers_of_the_packet_are_numbers(registry: Registry, text: str) -> None:
    with pytest.raises(DeskError, match=r"is a number such as 5, or in 5\.\.9, and never"):
        parse_filter(text, check_with(registry))


@pytest.mark.parametrize(
    "text",
    [
        "number in 5..9 or length > 60",
        "IP:1.src == 192.0.2.1 and IP",
        "IP.proto == TCP",
        "IP.proto == 300",
        "IP.ttl == 0x40",
        "TCP.flags == sa",
        "TCP.flags == ''",
        "TCP.options[0].value == 1460",
        "DNS.an[0].mname == a.",
        "BGPUpdate.path_attr[0].attribute.next_hop == 192.0.2.1",
        "HTTPRequest.Unknown_Headers.X-Test == 1",
        "Raw.load contains GET",
        "Raw.load == hello",
        "ARP.pdst == 2001:db8::1",
        "ICMP.code == port-unreachable",
        "STP.maxage == 20.0",
    ],
)
def test_what_may_hold_is_left_alone(registry: Registry, text: str) -> None:
    parse_filter(text, check_with(registry))
