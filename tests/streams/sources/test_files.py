"""Sources by name and by content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scapy_server.captures.writing import write_capture
from scapy_server.errors import RefusedError
from scapy_server.streams.sources.files import read_source
from scapy_server.streams.sources.given import Expression, GivenStream, Selection

MODEL = [{"id": "Ether"}]
VM = {"instructions": [{"type": "trim_pkt_size", "name": "x"}]}
NAMED = {"instructions": [{"id": "STLVmTrimPktSize", "parameters": {}}]}
TEMPLATE = {
    "fileType": "trex-packet-editor",
    "version": "1.0.0",
    "metadata": {"caption": "mine"},
    "packet": MODEL,
}


def given_in(directory: Path, content: object, name: str = "source.json") -> GivenStream:
    path = directory / name
    path.write_text(json.dumps(content))
    return read_source(str(path), Selection())


@pytest.mark.parametrize(
    ("content", "source", "program"),
    [
        (MODEL, MODEL, None),
        ({"model": MODEL, "vm": VM}, MODEL, {"vm": VM}),
        ({"packet": MODEL, "field_engine": NAMED}, MODEL, {"field_engine": NAMED}),
        ({"source": MODEL}, MODEL, None),
        ({"source": MODEL, "program": VM}, MODEL, {"vm": VM}),
        ({"source": MODEL, "program": NAMED}, MODEL, {"field_engine": NAMED}),
        (TEMPLATE, MODEL, None),
        (
            TEMPLATE | {"feInstructions": NAMED["instructions"]},
            MODEL,
            {"field_engine": NAMED | {"global_parameters": {}}},
        ),
        ([{"packet": {"binary": "AA=="}, "vm": VM}], {"binary": "AA=="}, {"vm": VM}),
        (
            {"streams": [{"name": "a", "stream": {"packet": {"binary": "AA=="}}}]},
            {"binary": "AA=="},
            None,
        ),
    ],
)
def test_json(content: object, source: object, program: object, tmp_path: Path) -> None:
    given = given_in(tmp_path, content)
    assert (given.source, given.program) == (source, program)


def test_a_seed_beside_a_source(tmp_path: Path) -> None:
    assert given_in(tmp_path, {"source": MODEL, "options": {"random_seed": 9}}).random_seed == 9


def test_the_first_packet_of_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "some.pcap"
    path.write_bytes(write_capture([b"first packet", b"second"]))
    assert read_source(str(path), Selection()).source == {"frame": b"first packet"}


def test_a_template_by_its_id() -> None:
    assert [layer["id"] for layer in read_source("TCP-SYN", Selection()).source][:2] == [
        "Ether",
        "IP",
    ]


def test_a_program_of_its_own(tmp_path: Path) -> None:
    program = tmp_path / "program.json"
    program.write_text(json.dumps(VM))
    assert read_source("TCP-SYN", Selection(program=program)).program == {"vm": VM}
    program.write_text("[]")
    with pytest.raises(RefusedError, match=r"program\.json: a program is an object, not an array"):
        read_source("TCP-SYN", Selection(program=program))


@pytest.mark.parametrize(
    ("content", "source"),
    [
        ("Ether()/IP()", Expression("Ether()/IP()")),
        (json.dumps(MODEL), MODEL),
        (json.dumps({"source": MODEL}), MODEL),
    ],
)
def test_what_is_written_out_or_piped_in(content: str, source: object, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(content + "\n")
    piped = read_source("-", Selection(), content.encode)
    for given in (read_source(content, Selection()), piped, read_source(f"@{path}", Selection())):
        assert given.source == source


def test_nothing_piped_in() -> None:
    with pytest.raises(RefusedError, match="standard input: this is neither a capture, an exp"):
        read_source("-", Selection())


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "neither a template, nor a packet model"),
        ({"source": MODEL, "sauce": 1}, "sauce"),
        ({"source": MODEL, "program": {"instructions": 1}}, '"field_engine", "vm" or'),
        (TEMPLATE | {"packet": 1}, "not a document of the packet editor"),
    ],
)
def test_what_is_no_source(content: object, problem: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=problem):
        given_in(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing.pcap", "there is no file 'missing.pcap'"),
        ("missing.py", "there is no file 'missing.py'"),
        ("missing.yaml", "there is no file 'missing.yaml'"),
        ("missing", "there is no file 'missing', and there is no template 'missing'"),
        (".", "is a directory; name a file in it"),
        ("miss*ing", "neither a file nor a template"),
    ],
)
def test_what_is_not_there(name: str, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        read_source(name, Selection())
