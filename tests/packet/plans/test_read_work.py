"""What is counted is what clients see: fields, lists of parts and layers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from scapy.layers.dns import DNS, DNSRR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.read_work import work_of_line, work_of_tree

PLAIN: Packet = Ether() / IP() / TCP(options=[("MSS", 1460), ("NOP", None)])
DEEP: Packet = Ether() / IP() / UDP() / DNS(an=[DNSRR(rrname="a.b", rdata="192.0.2.1")])
QUOTED: Packet = Ether() / IP() / TCP() / Raw(b'"bit_offset":"parts":["layers":["a","b')


def fields_of(fields: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in fields:
        yield field
        for part in field.get("parts", ()):
            yield part
            yield from fields_of(part.get("fields", []))


@pytest.mark.parametrize("packet", [PLAIN, DEEP, QUOTED])
def test_a_tree_is_as_much_work_as_it_has_fields_and_lists_of_parts(
    packet: Packet, registry: Registry
) -> None:
    shown = msgspec.json.encode(PacketCodec(registry).dissect(bytes(packet)))
    every = [each for layer in json.loads(shown)["data"] for each in fields_of(layer["fields"])]
    placed = sum("bit_offset" in each for each in every)
    assert work_of_tree(shown) == placed + 16 * sum("parts" in each for each in every)


@pytest.mark.parametrize("packet", [PLAIN, DEEP, QUOTED])
def test_a_line_is_as_much_work_as_it_has_layers(packet: Packet, registry: Registry) -> None:
    chain = trace_chain(Ether, bytes(packet))
    line = msgspec.json.encode(PacketCodec(registry).sum_up(chain))
    assert work_of_line(line) == 6 * len(chain)
