"""What the plan of one layer is made of: structure, slots, and a field that takes the rest."""

from __future__ import annotations

import json

import pytest
from scapy import fields as sf
from scapy.layers.inet import IP, TCP
from scapy.layers.netflow import NetflowHeaderV9
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.layers.planned_layer import Given
from scapy_server.packet.plans.layers.watched_layer import WatchedLayer
from tests.packet.plans.layers.made import planned, stop


def test_what_steers_is_the_structure(registry: Registry) -> None:
    plan = planned(registry, IP(src="10.0.0.1", proto=17), b"abc").plan
    assert plan.size == 20
    assert plan.mask >> 8 * 19 == 0x0F  # only the header's length
    assert (plan.tail, plan.goes_on) == (False, (True, True))


def test_options_belong_to_the_structure(registry: Registry) -> None:
    made = planned(registry, TCP(options=[("MSS", 1460)]))
    other = bytes(TCP(options=[("MSS", 1400)]))
    assert made.plan.size == 24
    assert stop(made, bytes(TCP(sport=5, options=[("MSS", 1460)])), 0, 24) == 24
    assert made.read(other, 0, 24) is None


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
