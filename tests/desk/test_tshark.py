"""Filters for fields, each held to let through the packet with the value and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.captures.writing import write_capture
from scapy_server.desk.editing import built, dissected
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import Packet
from scapy_server.desk.tshark import _NAMES, tshark_filter
from tests.desk.asking import Answerer
from tests.tshark import columns

STACKS = (
    ["Ether", "Dot1Q", "IP", "UDP", "DNS"],
    ["Ether", "IPv6", "TCP"],
    ["Ether", "IP", "ICMP"],
    ["Ether", "ARP"],
    ["Ether", "IP", "UDP", "VXLAN", "Ether", "IP", "TCP"],
)


def filters(packet: Packet) -> dict[str, str]:
    found = {}
    for row in field_rows(packet.layers):
        if row.has_value and row.depth == 0 and not row.field.get("ignored") and row.bit_length:
            try:
                found[row.path] = tshark_filter(packet, row)
            except DeskError:
                continue
    return found


@pytest.mark.parametrize("stack", STACKS, ids="/".join)
def test_each_filter_lets_the_packet_through(
    stack: list[str], answerer: Answerer, tmp_path: Path
) -> None:
    frame = answerer.run(built([{"id": layer} for layer in stack])).frame
    packet = answerer.run(dissected(frame))
    path = tmp_path / "one.pcap"
    path.write_bytes(write_capture([frame, bytes(60)]))
    named = [text for text in filters(packet).values() if not text.startswith("frame[")]
    assert len(named) > 3
    everything = " && ".join(filters(packet).values())
    assert columns(path, ["frame.number"], "-Y", everything) == [["1"]]


def test_fields_without_a_name_compare_their_bytes(answerer: Answerer) -> None:
    packet = answerer.run(dissected(bytes(range(60))))
    found = {row.path: row for row in field_rows(packet.layers)}
    assert tshark_filter(packet, found["Raw.load"]) == "frame[14:46] == " + bytes(
        range(14, 60)
    ).hex(":")


@pytest.mark.parametrize(("path", "why"), [("IP.ihl", "whole bytes"), ("Raw.load", "256 at most")])
def test_what_no_filter_compares(path: str, why: str, answerer: Answerer) -> None:
    model = [{"id": "IP"}, {"id": "Raw", "fields": [{"id": "load", "value": "a" * 300}]}]
    packet = answerer.run(built(model))
    row = next(row for row in field_rows(packet.layers) if row.path == path)
    with pytest.raises(DeskError, match=why):
        tshark_filter(packet, row)


def test_every_name_is_of_a_field_that_there_is(answerer: Answerer) -> None:
    for layer, names in _NAMES.items():
        packet = answerer.run(built([{"id": layer}]))
        assert names.keys() <= {str(field["id"]) for field in packet.layers[0]["fields"]}, layer
