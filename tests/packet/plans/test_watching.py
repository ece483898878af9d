"""What is looked at while a frame is dissected and shown."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.contrib.bfd import BFD
from scapy.contrib.ikev2 import IKEv2
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.http import HTTP, HTTPRequest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.layers.netflow import NetflowTemplateV9
from scapy.layers.radius import Radius
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot, Slot
from scapy_server.packet.plans.watching import (
    Recorder,
    WatchedBytes,
    WatchedDissection,
    chooses_by_bindings,
    is_understood,
    names_of_default,
    selecting_values,
)

pytestmark = pytest.mark.usefixtures("registry")
UDP_PACKET: Packet = Ether() / IP(src="1.2.3.4") / UDP(sport=9000, dport=9001) / Raw(b"abcd")


def slot(registry: Registry, packet: Packet, layer: int, name: str) -> Slot | None:
    watched = WatchedDissection(type(packet), bytes(packet), registry)
    return watched.slot(layer, next(f for f in watched.fields(layer) if f.id == name))


def test_a_recorder_counts_looks_and_no_copies() -> None:
    values = Recorder({"a": 1, "b": 2})
    assert (values["a"], values.get("a"), values.get("c", 7)) == (1, 1, 7)
    assert dict(values.items()) == values.copy() == {"a": 1, "b": 2}
    assert values.reads == {"a": 2, "c": 1}


def test_watched_bytes_know_which_were_looked_at() -> None:
    watched = WatchedBytes(bytes(range(10)))
    assert (watched[2], watched[5:7], watched[-1:]) == (2, b"\5\6", b"\x09")
    assert watched.seen == {2, 5, 6, 9}
    assert len(watched) == 10


class _Plain(Packet):
    fields_desc = []  # noqa: RUF012 (as Scapy's classes are written)


class _Own(Packet):
    fields_desc = []  # noqa: RUF012

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        return pkt + pay


@pytest.mark.parametrize(
    ("cls", "understood"),
    [(IP, True), (_Plain, True), (DNS, True), (_Own, False), (HTTPRequest, False)],
)
def test_classes_with_methods_that_nobody_read_are_not_trusted(
    cls: type[Packet], understood: bool
) -> None:
    assert is_understood(cls) is understood


def test_numbers_that_choose_the_payload() -> None:
    assert {0x800, 0x86DD, 0x806} <= set(selecting_values(Ether, "type"))
    assert {6, 17} <= set(selecting_values(IP, "proto"))
    assert list(selecting_values(IP, "ttl")) == []


@pytest.mark.parametrize(
    ("layer", "name", "kind", "place"),
    [
        (1, "ttl", NumberSlot, (22, 23)),
        (1, "id", NumberSlot, (18, 20)),
        (1, "src", AddressSlot, (26, 30)),
        (0, "dst", AddressSlot, (0, 6)),
        (3, "load", BytesSlot, (42, 46)),
    ],
)
def test_what_nothing_depends_on_can_be_patched(
    registry: Registry, layer: int, name: str, kind: Any, place: tuple[int, int]
) -> None:
    found = slot(registry, UDP_PACKET, layer, name)
    assert isinstance(found, kind)
    assert (found.start, found.stop) == place


@pytest.mark.parametrize(("layer", "name"), [(0, "type"), (1, "proto"), (1, "ihl"), (1, "options")])
def test_what_steers_the_dissection_cannot(registry: Registry, layer: int, name: str) -> None:
    assert slot(registry, UDP_PACKET, layer, name) is None


def test_a_part_of_a_byte_is_a_number_beside_others(registry: Registry) -> None:
    tagged = Ether() / Dot1Q(vlan=5, prio=3) / IP() / UDP(sport=9000, dport=9001)
    found = slot(registry, tagged, 1, "vlan")
    assert isinstance(found, NumberSlot)
    assert (found.start, found.stop, found.shift, found.bits) == (14, 16, 0, 12)
    found = slot(registry, tagged, 1, "prio")
    assert isinstance(found, NumberSlot)
    assert (found.start, found.stop, found.shift, found.bits) == (14, 15, 5, 3)


def test_ports_avoid_those_that_choose_a_protocol(registry: Registry) -> None:
    found = slot(registry, UDP_PACKET, 2, "dport")
    assert isinstance(found, NumberSlot)
    assert {53, 4789} <= found.avoided
    assert 9001 not in found.avoided
    bfd = Ether() / IP() / UDP(sport=9, dport=3784) / BFD()
    assert slot(registry, bfd, 2, "dport") is None


def test_a_class_that_chooses_by_code_is_not_patched(registry: Registry) -> None:
    packet = Ether() / IPv6() / TCP()
    assert slot(registry, packet, 1, "nh") is None
    assert slot(registry, packet, 1, "hlim") is not None


def test_all_bytes_of_what_is_not_understood_steer(registry: Registry) -> None:
    """And so do those of what it carries, and what it looks at below it."""
    packet = Ether() / IP() / UDP() / Radius(id=5) / Raw(b"abcd")
    watched = WatchedDissection(Ether, bytes(packet), registry)
    assert watched.understood == 3
    assert slot(registry, packet, 1, "ttl") is not None
    assert slot(registry, packet, 3, "id") is None


def test_what_a_message_of_dns_holds_steers_and_its_id_does_not(registry: Registry) -> None:
    packet = Ether() / IP() / UDP(dport=53) / DNS(qd=[DNSQR(qname="example.com")])
    assert isinstance(slot(registry, packet, 3, "id"), NumberSlot)
    assert slot(registry, packet, 3, "qd") is None
    over_tcp = Ether() / IP() / TCP(dport=53) / DNS(qd=[DNSQR(qname="example.com")])
    assert slot(registry, over_tcp, 3, "length") is None


def test_what_is_taken_where_nothing_is_selected_may_not_depend_on_anything() -> None:
    assert all(map(chooses_by_bindings, (Ether, TCP, NetflowTemplateV9)))
    assert not any(map(chooses_by_bindings, (Dot1Q, IPv6, HTTP, IKEv2)))


class _AsksItsFields(Packet):
    def default_payload_class(self, payload: bytes) -> type[Packet]:
        return Raw if self.kind == 1 else TCP


class _AsksThePayload(Packet):
    def default_payload_class(self, payload: bytes) -> type[Packet]:
        return Raw if self.kind == payload[0] else TCP


class _AsksOthers(Packet):
    def default_payload_class(self, payload: bytes) -> type[Packet]:
        return Raw if is_understood(self.kind) else TCP


def test_what_a_class_looks_at_where_nothing_is_selected() -> None:
    assert names_of_default(Ether) == frozenset()
    kinds = names_of_default(_AsksItsFields)
    assert kinds is not None and "kind" in kinds
    assert names_of_default(_AsksThePayload) is None
    assert names_of_default(_AsksOthers) is None
    assert names_of_default(HTTP) is None
