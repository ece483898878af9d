"""What the plan of one layer is made of: structure, slots, and a field that takes the rest."""

from __future__ import annotations

import json

import pytest
from scapy import fields as sf
from scapy.contrib.ikev2 import IKEv2_Nonce
from scapy.layers.inet import IP, TCP
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import Ether
from scapy.layers.netflow import NetflowHeaderV9
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.watched_layer import Given, PlannedLayer, WatchedLayer


def planned(registry: Registry, layer: Packet, behind: bytes = b"") -> PlannedLayer:
    data = bytes(layer) + behind
    made = WatchedLayer(Given(type(layer), data, 0, len(data)), registry).plan()
    assert made is not None
    return made


def stop(made: PlannedLayer, frame: bytes, start: int, end: int) -> int:
    layer = made.read(frame, start, end)
    assert layer is not None
    return layer.stop


def test_what_steers_is_the_structure(registry: Registry) -> None:
    plan = planned(registry, IP(src="10.0.0.1", proto=17), b"abc").plan
    assert plan.size == 20
    assert plan.mask >> 8 * 19 == 0x0F  # only the header's length
    assert (plan.tail, plan.goes_on) == (False, (True, True))


def test_a_layer_without_fields_of_no_length_is_shown_alike_whatever_follows(
    registry: Registry,
) -> None:
    made = planned(registry, Ether())
    assert made.plan.mask == 0 and made.plan.goes_on is None
    assert stop(made, bytes(14), 0, 14) == 14
    assert stop(made, bytes(20), 4, 20) == 18
    assert made.read(bytes(20), 8, 20) is None


def test_options_belong_to_the_structure(registry: Registry) -> None:
    made = planned(registry, TCP(options=[("MSS", 1460)]))
    other = bytes(TCP(options=[("MSS", 1400)]))
    assert made.plan.size == 24
    assert stop(made, bytes(TCP(sport=5, options=[("MSS", 1460)])), 0, 24) == 24
    assert made.read(other, 0, 24) is None


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


def test_a_number_that_only_its_class_can_read_is_read_alone(registry: Registry) -> None:
    made = planned(registry, NetflowHeaderV9(unixSecs=5))
    later = bytes(NetflowHeaderV9(unixSecs=1_700_000_000, packageSequence=7))
    assert stop(made, later, 0, len(later)) == len(later)
    shown = json.loads(made.plan.show(later, 0, len(later)))
    values = {field["id"]: field["value"] for field in shown["fields"]}
    assert (values["unixSecs"], values["packageSequence"]) == (1_700_000_000, 7)


def _with_header_of(size: int) -> type[Packet]:
    fields = [sf.StrFixedLenField("text", b"", size)]
    return type("_Long", (Packet,), {"fields_desc": fields})


@pytest.mark.parametrize("more", [0, 1])
def test_the_header_is_bounded(registry: Registry, more: int) -> None:
    size = limits.PLANNED_HEADER_BYTES + more
    watched = WatchedLayer(Given(_with_header_of(size), bytes(size), 0, size), registry)
    assert (watched.plan() is None) == bool(more)


def test_costs_are_counted(registry: Registry) -> None:
    cost = planned(registry, TCP(options=[("MSS", 1460), ("NOP", None)])).plan.cost
    assert cost.fields == len(TCP.fields_desc)
    assert cost.parts == 3  # with the end of the list
    assert cost.taken > 0
