"""Which layers a plan is for, where these end, and what of a packet's bounds they take."""

from __future__ import annotations

from scapy.contrib.ikev2 import IKEv2_Nonce
from scapy.layers.inet import IP, UDP
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from scapy_server.packet.layers.registry import Registry
from tests.packet.plans.layers.made import planned, stop


def test_a_layer_without_fields_of_no_length_is_shown_alike_whatever_follows(
    registry: Registry,
) -> None:
    made = planned(registry, Ether())
    assert made.plan.mask == 0 and made.plan.goes_on is None
    assert stop(made, bytes(14), 0, 14) == 14
    assert stop(made, bytes(20), 4, 20) == 18
    assert made.read(bytes(20), 8, 20) is None


def test_the_last_field_may_take_the_rest(registry: Registry) -> None:
    made = planned(registry, ESP(spi=5, seq=1, data=b"abc"))
    assert (made.plan.size, made.plan.tail) == (8, True)
    assert stop(made, bytes(30), 0, 30) == 30
    assert made.read(bytes(8), 0, 8) is None


def test_the_last_field_may_take_what_another_one_says(registry: Registry) -> None:
    made = planned(registry, IKEv2_Nonce(nonce=b"abcd"), b"more")
    assert (made.plan.size, made.plan.tail) == (4, True)
    for size in (1, 7):
        layer = bytes(IKEv2_Nonce(nonce=b"x" * size))
        assert stop(made, layer + b"more", 0, size + 8) == size + 4
    empty = bytes(IKEv2_Nonce(nonce=b""))
    assert made.read(empty + b"more", 0, 8) is None
    nothing_taken = planned(registry, IKEv2_Nonce(nonce=b""), b"more")
    assert not nothing_taken.plan.tail
    assert stop(nothing_taken, empty + b"more", 0, 8) == 4
    assert nothing_taken.read(bytes(IKEv2_Nonce(nonce=b"x")) + b"more", 0, 9) is None


def test_a_layer_says_how_much_it_carries_and_who_reads_that(registry: Registry) -> None:
    made = planned(registry, IP(src="10.0.0.1", dst="10.0.0.2", proto=17, len=28), b"12345678 more")
    layer = made.read(bytes(IP(src="10.0.0.9", proto=17, len=24)) + b"1234 more", 0, 29)
    assert layer is not None
    assert (layer.stop, layer.payload_size) == (20, 4)
    assert layer.payload_class(b"1234") is UDP


def test_the_share_of_a_packet_grows_with_what_is_read(registry: Registry) -> None:
    made = planned(registry, Raw(b"abc"))
    short, long = made.read(bytes(9), 0, 9), made.read(bytes(9000), 0, 9000)
    assert short is not None and long is not None
    assert 0 < short.share <= long.share < 0.01
