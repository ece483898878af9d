"""What is counted: what clients see, and what was read where that does not show."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from scapy.layers.dns import DNS, DNSRR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.x509 import X509_Cert
from scapy.packet import Packet, Raw

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.read_work import work_of_line, work_of_tree

PLAIN: Packet = Ether() / IP() / TCP(options=[("MSS", 1460), ("NOP", None)])
DEEP: Packet = Ether() / IP() / UDP() / DNS(an=[DNSRR(rrname="a.b", rdata="192.0.2.1")])
QUOTED: Packet = Ether() / IP() / TCP() / Raw(b'"bit_offset":"layer":"layers":["a","b')


def fields_of(fields: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for field in fields:
        yield field
        for part in field.get("parts", ()):
            yield part
            yield from fields_of(part.get("fields", []))


@pytest.mark.parametrize("packet", [PLAIN, DEEP, QUOTED])
def test_a_tree_is_as_much_work_as_it_has_fields_and_records(
    packet: Packet, registry: Registry
) -> None:
    codec, frame = PacketCodec(registry), bytes(packet)
    real = trace_chain(Ether, frame)
    tree = codec.tree_of(frame, real)
    shown = msgspec.json.encode(tree.result())
    every = [each for layer in json.loads(shown)["data"] for each in fields_of(layer["fields"])]
    placed = sum("bit_offset" in each for each in every)
    records = sum("layer" in each for each in every)
    assert work_of_tree(shown, real, tree.written) == placed + 8 * records + 4 * tree.written
    assert (records, tree.written > 0) == ((1, True) if packet is DEEP else (0, False))


@pytest.mark.parametrize("packet", [PLAIN, DEEP, QUOTED])
def test_a_line_is_as_much_work_as_layers_and_records_are_read(
    packet: Packet, registry: Registry
) -> None:
    chain = trace_chain(Ether, bytes(packet))
    records = sum(layer.within.records for layer in chain)
    fields = sum(layer.within.fields for layer in chain)
    assert work_of_line(chain) == 8 * len(chain) + 4 * records + fields
    assert (records, fields) == ((1, len(DNSRR().fields_desc)) if packet is DEEP else (0, 0))


def test_certificates_are_work_though_they_show_as_one_value(registry: Registry) -> None:
    certificate = bytes(X509_Cert())
    listed = 2 * (len(certificate).to_bytes(3, "big") + certificate)
    message = len(listed).to_bytes(3, "big") + listed
    message = b"\x0b" + len(message).to_bytes(3, "big") + message
    record = b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message
    frame = bytes(Ether() / IP() / TCP(dport=443, flags="PA") / Raw(record))
    real = trace_chain(Ether, frame)
    codec = PacketCodec(registry)
    tree = codec.tree_of(frame, real)
    shown = msgspec.json.encode(tree.result())
    plain = sum(layer.within.plain for layer in real)
    assert plain > 300
    assert work_of_tree(shown, real, 0) > 2 * plain
    assert work_of_line(real) > 3 * plain // 2
