"""Programs for one field, judged by the packets that the real renderer sends."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.desk.editing import built
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.questions import ask
from scapy_server.desk.varying import Range, values_from, vary
from tests.desk.asking import Answerer

UDP: list[dict[str, Any]] = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}, {"id": "Raw"}]
IPV6: list[dict[str, Any]] = [{"id": "Ether"}, {"id": "IPv6"}, {"id": "TCP"}]


def row_of(packet: Packet, path: str) -> FieldRow:
    return next(row for row in field_rows(packet.layers) if row.path == path)


def sent(answerer: Answerer, model: Any, program: Program, count: int) -> list[bytes]:
    extra = {"field_engine": program.to_json()}
    options = {"count": count, "detail": "bytes"}
    rendered = answerer.run(ask("render_packets", model, extra, options))
    return [base64.b64decode(each["binary"]) for each in rendered["packets"]]


@pytest.mark.parametrize(
    ("model", "path", "last", "values"),
    [
        (UDP, "IP.ttl", 22, Range(5, 7)),
        (UDP, "IP.src", 29, Range(0x10000005, 0x10000007)),
        (UDP, "UDP.dport", 37, Range(5, 7)),
        (UDP, "Ether.src", 11, Range(5, 7)),
        (IPV6, "IPv6.dst", 53, Range(5, 7)),
    ],
)
def test_the_field_goes_through_its_values(
    answerer: Answerer, model: Any, path: str, last: int, values: Range
) -> None:
    packet = answerer.run(built(model))
    program = vary(packet, Program(), row_of(packet, path), values)
    frames = sent(answerer, model, program, 4)
    assert [frame[last] for frame in frames] == [5, 6, 7, 5]
    if path.startswith("IP."):
        assert [header_sum(frame[14:34]) for frame in frames] == [0xFFFF] * 4


def header_sum(header: bytes) -> int:
    """The one's complement sum of an IPv4 header: 0xffff if its checksum is right.

    Source: RFC 1071, section 1.
    """
    total = sum(int.from_bytes(header[at : at + 2], "big") for at in range(0, len(header), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def test_values_begin_with_the_one_that_is_there(answerer: Answerer) -> None:
    packet = answerer.run(built(UDP))
    assert values_from(packet, row_of(packet, "IP.ttl"), 10) == Range(64, 73)
    assert values_from(packet, row_of(packet, "IP.ttl")) == Range(0, 255)
    assert values_from(packet, row_of(packet, "IP.src"), 2) == Range(0x10000001, 0x10000002)


def test_checksums_are_corrected_once_and_last(answerer: Answerer) -> None:
    packet = answerer.run(built(UDP))
    program = vary(packet, Program(), row_of(packet, "IP.src"), Range(1, 9))
    program = vary(packet, program, row_of(packet, "IP.dst"), Range(1, 9))
    ids = [each["id"] for each in program.instructions]
    assert ids == ["STLVmFlowVar", "STLVmWrFlowVar"] * 2 + ["STLVmFixChecksumHw"]
    alone = answerer.run(built(UDP[:2]))
    program = vary(alone, Program(), row_of(alone, "IP.ttl"), Range(1, 9))
    assert program.instructions[-1] == {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}
    program = vary(alone, Program(), row_of(alone, "Ether.dst"), Range(1, 9))
    assert [each["id"] for each in program.instructions] == ["STLVmFlowVar", "STLVmWrFlowVar"]


def test_names_of_variables_do_not_clash(answerer: Answerer) -> None:
    packet = answerer.run(built(UDP))
    program = Program()
    for _ in range(3):
        program = vary(packet, program, row_of(packet, "IP.ttl"), Range(1, 9))
    names = [each["parameters"].get("name") for each in program.instructions]
    assert [name for name in names if name] == ["ttl", "ttl_2", "ttl_3"]


@pytest.mark.parametrize(
    ("path", "said"),
    [("IP.frag", "STLVmWrMaskFlowVar"), ("IP.options", "no place")],
)
def test_what_no_variable_fits(answerer: Answerer, path: str, said: str) -> None:
    packet = answerer.run(built(UDP))
    with pytest.raises(DeskError, match=said):
        vary(packet, Program(), row_of(packet, path), Range(1, 9))
