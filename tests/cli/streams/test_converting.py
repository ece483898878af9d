from __future__ import annotations

import json
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.streams.documents.files import read_document
from tests.cli.rendering import command, write_json
from tests.streams.recordings import generated, requests_of
from tests.streams.support import FRAME, burst, raw_stream

CHAIN = [
    raw_stream(name="a", next="b", mode=burst(3)),
    raw_stream(name="b", mode=burst(2), self_start=False),
]


def test_there_and_back(tmp_path: Path) -> None:
    first = write_json(tmp_path / "a.json", CHAIN)
    for before, after in (("a.json", "b.yaml"), ("b.yaml", "c.json")):
        result = command("convert", str(tmp_path / before), "-o", str(tmp_path / after))
        assert (result.exit_code, result.output) == (0, "")
    streams = [e.stream() for e in read_document(tmp_path / "c.json").entries]
    assert streams == [e.stream() for e in read_document(Path(first)).entries]


@pytest.mark.parametrize("ending", [".yaml", ".pcap"])
def test_a_file_that_is_there_stays(tmp_path: Path, ending: str) -> None:
    source, there = write_json(tmp_path / "a.json", CHAIN), tmp_path / f"b{ending}"
    there.write_text("mine")
    refused = command("convert", source, "-o", str(there))
    assert (refused.exit_code, there.read_text()) == (1, "mine")
    assert "is there already; --force replaces it" in refused.output
    assert command("convert", source, "-o", str(there), "--force").exit_code == 0
    assert there.read_bytes() != b"mine"


def test_captures(tmp_path: Path) -> None:
    capture, out = tmp_path / "a.pcap", tmp_path / "b.json"
    capture.write_bytes(write_capture([FRAME, FRAME[:62]]))
    options = ["--gap", "10us", "--loops", "3"]
    assert command("convert", str(capture), *options, "-o", str(out)).exit_code == 0
    entries = read_document(out).entries
    assert [entry.raw["isg"] for entry in entries] == [10.0, 10.0]
    assert entries[1].raw["action_count"] == 3
    result = command("convert", str(out), "-o", str(tmp_path / "c.pcap"))
    assert "warning: the new form does not hold its programs" in result.output
    frames = [record.data for record in read_capture((tmp_path / "c.pcap").read_bytes())]
    assert frames == [FRAME, FRAME[:62]] * 3


def test_a_template_of_one_stream(tmp_path: Path) -> None:
    source = write_json(tmp_path / "a.json", [raw_stream(name="one")])
    out = tmp_path / "b.trp"
    result = command("convert", source, "-o", str(out))
    assert result.exit_code == 0, result.output
    assert "does not hold the pace" in result.output
    assert json.loads(out.read_text())["metadata"]["caption"] == "one"
    rendered = tmp_path / "c.pcap"
    assert command("render", str(out), "-n", "1", "-o", str(rendered)).exit_code == 0
    assert [record.data for record in read_capture(rendered.read_bytes())] == [FRAME]
    both = write_json(tmp_path / "d.json", CHAIN)
    assert (
        "holds one stream, and there are 2"
        in command("convert", both, "-o", str(tmp_path / "e.trp")).output
    )


def test_what_is_lost_is_said(tmp_path: Path) -> None:
    source = write_json(tmp_path / "a.json", requests_of(generated()["burst_10"]))
    result = command("convert", source, "-o", str(tmp_path / "b.yaml"))
    assert "warning: the new form does not hold the 1 requests" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("source", "output", "said"),
    [
        ("nowhere.json", "x.yaml", "there is no file"),
        ("a.json", "x.txt", "profiles are written as .json, .yaml or .py"),
        ("a.json", "/nowhere/x.yaml", "/nowhere/x.yaml: No such file"),
    ],
)
def test_refusals(source: str, output: str, said: str, tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", CHAIN)
    target = output if output.startswith("/") else str(tmp_path / output)
    result = command("convert", str(tmp_path / source), "-o", target)
    assert result.exit_code == 1
    assert said in result.output
