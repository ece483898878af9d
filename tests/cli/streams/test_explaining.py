"""`explain`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.rendering import MODEL, command, stream, write_json

PROGRAM = {
    "instructions": [
        {"id": "STLVmFlowVar", "parameters": {"name": "ttl", "size": "1", "max_value": "9"}},
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl", "pkt_offset": "IP.ttl"}},
    ]
}
SENTENCES = [
    "  0 Variable ttl (1 byte) counts up between 0 and 9, beginning with 0 in steps of 1.",
    "  1 Writes ttl to IP.ttl (byte 22).",
    "The packets repeat after 10 packets. There are 10 different packets and 1 flow.",
]


def test_a_program(tmp_path: Path) -> None:
    program = write_json(tmp_path / "program.json", PROGRAM)
    for source in ("Ether()/IP()/UDP()", write_json(tmp_path / "model.json", MODEL)):
        result = command("explain", source, "--program", program)
        assert result.stdout.splitlines() == SENTENCES
        assert "warning: instruction 1: bytes of IP are written and its checksum" in result.stderr


def test_standard_input_and_json() -> None:
    document = {"source": MODEL, "program": {"field_engine": PROGRAM}}
    result = command("explain", "-", "--json", typed=json.dumps(document).encode())
    told = json.loads(result.stdout)
    assert [each["text"] for each in told["instructions"]] == [line[4:] for line in SENTENCES[:2]]
    assert (told["period"], told["error"], result.stderr) == (10, None, "")
    assert told["warnings"][0]["code"] == "ipv4_checksum"


def test_a_stream_of_a_profile(tmp_path: Path) -> None:
    profile = [{"name": name, "stream": stream()} for name in ("a", "b")]
    source = write_json(tmp_path / "profile.json", profile)
    refused = command("explain", source)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "there are 2 streams; choose one with --stream: a, b" in refused.stderr
    result = command("explain", source, "--stream", "b")
    assert result.exit_code == 0
    assert "  2 Writes src to IP.src (byte 26)." in result.stdout.splitlines()
    assert "The packets repeat after 15 packets." in result.stdout


@pytest.mark.parametrize("name", ["profile.py", "profile.YAML"])
def test_a_whole_profile_is_turned_into_streams_first(name: str) -> None:
    result = command("explain", name)
    assert result.exit_code == 1
    assert f"scapy-server convert {name} -o profile.json" in result.stderr
