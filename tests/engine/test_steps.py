"""What a program does to a packet, before any packet is made."""

from __future__ import annotations

from typing import Any

from scapy_server.engine.checksums import HardwareChecksum, IPv4Checksum
from scapy_server.engine.steps import Steps
from scapy_server.engine.vm import parse_vm
from scapy_server.engine.writes import MaskedWrite, PlainWrite
from tests.engine.programs import TEMPLATES
from tests.engine.test_rules import flow_var, hardware, ipv4, mask, write

UDP = TEMPLATES["udp"]


def steps(*instructions: Any, kind: str = "complete") -> Steps:
    return Steps(parse_vm({"instructions": list(instructions)}), UDP, kind)


def trim(name: str) -> Any:
    return {"type": "trim_pkt_size", "name": name}


def test_only_what_does_something_is_a_step() -> None:
    found = steps(flow_var(), write(), mask(), ipv4(14), hardware())
    assert [(position, type(step)) for position, step in found.all] == [
        (1, PlainWrite),
        (2, MaskedWrite),
        (3, IPv4Checksum),
        (4, HardwareChecksum),
    ]
    assert [position for position, _ in found.writes] == [1, 2]


def test_all_bytes_that_are_written() -> None:
    found = steps(flow_var(size=4), write(pkt_offset=46), mask(pkt_offset=60, pkt_cast_size=2))
    assert found.touched == {46, 47, 48, 49, 60, 61}
    assert steps(ipv4(14)).touched == {24, 25}


def test_what_is_read_before_it_is_written_is_restored() -> None:
    assert steps(flow_var(), write(pkt_offset=50)).restored == []
    masked = steps(flow_var(), mask(pkt_offset=50, pkt_cast_size=2))
    assert masked.restored == [slice(50, 52)]
    covered = steps(flow_var(size=2), write(pkt_offset=50), mask(pkt_offset=50, pkt_cast_size=2))
    assert covered.restored == []
    late = steps(flow_var(), ipv4(14), write(pkt_offset=22))
    assert late.restored == [slice(22, 23)]


def test_the_last_trim_counts() -> None:
    lengths = [
        flow_var(name=name, size=2, min_value=60, init_value=60, max_value=64) for name in "ab"
    ]
    found = steps(*lengths, trim("a"), trim("b"))
    assert found.trim == ("b", 3)
    assert steps(flow_var()).trim is None


def test_a_card_completes_only_when_there_is_one() -> None:
    assert isinstance(steps(hardware()).completion, HardwareChecksum)
    assert steps(hardware(), kind="raw").completion is None
