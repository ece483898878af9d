from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import TCP
from scapy.packet import Packet, Raw

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.values.paths import Target, follow, split_path


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ttl", ("ttl", ())),
        ("qd[0].qname", ("qd", (0, "qname"))),
        ("path_attr[2].attribute.next_hop", ("path_attr", (2, "attribute", "next_hop"))),
        ("Unknown_Headers.X-Test", ("Unknown_Headers", ("X-Test",))),
        ("options[1]", ("options", (1,))),
        ("qd[].qname", ("qd[].qname", ())),
        ("qd[-1]", ("qd[-1]", ())),
        ("qd.", ("qd.", ())),
        ("[0]", ("[0]", ())),
        ("qd[12345678]", ("qd[12345678]", ())),
    ],
)
def test_a_path_is_a_field_and_steps(text: str, parts: tuple[str, Any]) -> None:
    assert split_path(text) == parts


def target(registry: Registry, packet: Packet, path: str) -> Target:
    head, steps = split_path(path)
    return follow(registry, packet, registry.of_class(type(packet)).by_id[head], steps)


def test_steps_lead_through_packets_to_a_field(registry: Registry) -> None:
    question: Packet = DNSQR(qname="a.b") / Raw(load=b"x")
    found = target(registry, DNS(qd=[question]), "qd[0].qname")
    assert found.packet is question and found.field.id == "qname" and found.is_a_field
    carried = target(registry, DNS(qd=[question]), "qd[0].payload.load")
    assert carried.packet is question.payload and carried.field.id == "load"


def test_steps_lead_to_items_and_members(registry: Registry) -> None:
    packet = TCP(options=[("MSS", 1460), ("NOP", None)])
    assert (
        target(registry, packet, "options[1]").index,
        target(registry, packet, "options[2]").index,
    ) == (1, 2)
    member = target(registry, packet, "options[0].value")
    assert (member.index, member.member, member.is_a_field) == (0, "value", False)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("qd[3].qname", r"qd has 1 item; \[3\] is none of them"),
        ("qd[0].nothing", "there is no field 'nothing' in DNSQR"),
        ("qd.qname", "qd has no part 'qname'"),
        ("qd[0][1]", r"qd has no item \[1\]"),
        ("id.x", "id has no part 'x'"),
        ("id[0]", r"id has no item \[0\]"),
        ("qd[0].payload.load", "what qd holds carries nothing"),
    ],
)
def test_the_first_wrong_step_is_named(path: str, problem: str, registry: Registry) -> None:
    with pytest.raises(RefusedError, match=problem):
        target(registry, DNS(qd=[DNSQR()]), path)
