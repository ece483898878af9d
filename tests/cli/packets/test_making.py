"""Where made packets go, and what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from scapy_server.batch.jobs import Job, Outcome
from scapy_server.batch.recipe import Recipe
from scapy_server.captures.reading import read_capture
from scapy_server.captures.writing import write_capture
from scapy_server.cli.packets.making import Destination, make, summary
from scapy_server.errors import RefusedError

FRAME = bytes(12) + b"\x90\x00" + bytes(46)


@pytest.mark.parametrize(
    ("output", "form", "path", "ending"),
    [
        (None, None, None, None),
        ("-", None, None, None),
        ("-", "pcap", None, ".pcap"),
        ("x.PCAP", None, Path("x.PCAP"), ".pcap"),
        ("x.pcap", "hex", Path("x.pcap"), ".hex"),
    ],
)
def test_a_form_is_asked_for_or_that_of_the_name(
    output: str | None, form: str | None, path: Path | None, ending: str | None
) -> None:
    found = Destination(output, form, False)
    assert (found.path, found.ending) == (path, ending)


def test_a_capture_keeps_its_packets(tmp_path: Path) -> None:
    source, out = tmp_path / "in.pcap", tmp_path / "out.pcapng"
    source.write_bytes(write_capture([FRAME, FRAME[:20]]))
    make(str(source), Recipe(), Destination(str(out), None, False))
    assert [record.data for record in read_capture(out.read_bytes())] == [FRAME, FRAME[:20]]


def test_a_capture_needs_a_place(tmp_path: Path) -> None:
    source = tmp_path / "in.pcap"
    source.write_bytes(write_capture([FRAME]))
    with pytest.raises(RefusedError, match="say where to write the capture"):
        make(str(source), Recipe(), Destination(None, None, False))


def test_a_directory_becomes_another_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a.pcap").write_bytes(write_capture([FRAME]))
    (source / "text").write_text("no capture")
    make(str(source), Recipe(), Destination(str(out), None, False))
    assert [str(path.relative_to(out)) for path in out.rglob("*.pcap")] == ["deep/a.pcap"]
    assert capsys.readouterr().err == f"note: left alone in {source}, as they are no captures: 1\n"
    for destination in (Destination(None, None, False), Destination(str(out), "hex", False)):
        with pytest.raises(RefusedError, match="a directory is edited into another one"):
            make(str(source), Recipe(), destination)


def test_a_file_of_a_directory_that_fails_is_told_and_fails_it_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for name in ("a", "b"):
        (source / f"{name}.pcap").write_bytes(write_capture([FRAME]))
    out.mkdir()
    (out / "a.pcap").write_bytes(b"mine")
    with pytest.raises((typer.Exit, RefusedError)):
        make(str(source), Recipe(), Destination(str(out), None, False))
    assert (out / "a.pcap").read_bytes() == b"mine"


def test_a_line_says_what_was_done() -> None:
    outcome = Outcome(Job("in", "out", Recipe()), packets=9, matched=8, changed=7, written=6)
    assert summary(outcome) == "9 packets, 8 chosen, 7 changed, 6 written to out"
