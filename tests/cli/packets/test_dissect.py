from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.packets.commands import done, refused, run


def numbers(text: str) -> list[int]:
    return [json.loads(line)["number"] for line in text.splitlines()]


def test_a_tree_with_its_bytes() -> None:
    lines = done("dissect", "Ether()/IP(ttl=9)").stdout.splitlines()
    assert lines[0] == "34 bytes"
    assert "IP  from byte 14" in lines
    assert any(line.split() == ["22", "1", "byte", "ttl", "9"] for line in lines)
    assert lines[-3].startswith("000000  00 00 00 01 00 00")


def test_what_a_capture_says_stands_above(trace: Path) -> None:
    lines = done("dissect", f"{trace}:4").stdout.splitlines()
    assert lines[:2] == [
        "packet 4, 58 bytes, 2023-11-14 22:13:20.123456793 UTC, eth1",
        "comment: note 4",
    ]


def test_ranges_filters_and_counts(trace: Path) -> None:
    assert numbers(done("dissect", trace, "--json").stdout) == list(range(1, 13))
    assert numbers(done("dissect", f"{trace}:5..9", "--json").stdout) == [5, 6, 7, 8, 9]
    chosen = done("dissect", trace, "--json", "--where", "TCP", "--bpf", "vlan", "-n", "2")
    assert numbers(chosen.stdout) == [1, 4]


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_filter_that_lets_nothing_through_is_told(trace: Path, form: tuple[str, ...]) -> None:
    shown = done("dissect", trace, "--where", "SCTP", *form)
    assert (shown.stdout, shown.stderr) == ("", "note: no packet was chosen\n")


def test_json_has_what_read_pcap_has(trace: Path) -> None:
    packet = json.loads(done("dissect", f"{trace}:4", "--json").stdout)
    assert packet["time_ns"] == 1_700_000_000_123_456_793
    assert (packet["comment"], packet["interface"]) == ("note 4", "eth1")
    assert [layer["id"] for layer in packet["data"]] == ["Ether", "Dot1Q", "IP", "TCP"]
    packet = json.loads(done("dissect", "Ether()/IP()", "--json").stdout)
    assert set(packet) == {"binary", "data"}


def test_bytes_come_through_a_pipe(trace: Path) -> None:
    built = done("build", "Ether()/ARP()").stdout.encode()
    assert "ARP" in done("dissect", "-", typed=built).stdout
    assert numbers(done("dissect", "-", "--json", typed=trace.read_bytes()).stdout)[-1] == 12


def test_nothing_chosen_is_no_output(trace: Path) -> None:
    assert done("dissect", trace, "--where", "SCTP").stdout == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--where", "IP.src = 1"], "cannot be read as part of a filter"),
        (["--bpf", "udp prot 5"], "'prot' is no word of its language"),
    ],
)
def test_filters_that_are_none(trace: Path, options: list[str], said: str) -> None:
    assert said in refused("dissect", trace, *options)


def test_a_cut_capture_is_shown_as_far_as_it_goes(trace: Path) -> None:
    trace.write_bytes(trace.read_bytes() + b"\6\0\0\0")
    result = run("dissect", trace, "--json")
    assert result.exit_code == 1
    assert numbers(result.stdout) == list(range(1, 13))
    assert "ends within a block" in result.stderr
