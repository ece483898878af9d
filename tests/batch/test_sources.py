from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from scapy_server.batch.answering import Answerer
from scapy_server.batch.sources import CaptureSource, read_source
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.services.packets.core import Core
from tests.batch.packets import pcapng, records

MODEL = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}]


def read(core: Core, answer: Answerer, text: str, typed: bytes = b"") -> Document | CaptureSource:
    return read_source(text, lambda: io.BytesIO(typed), answer, core.templates)


def one(core: Core, answer: Answerer, text: str, typed: bytes = b"") -> list[str]:
    found = read(core, answer, text, typed)
    assert isinstance(found, Document)
    return [str(layer["id"]) for layer in found.packet.layers]


@pytest.mark.parametrize(
    "text",
    [
        "Ether()/IP(ttl=9)",
        json.dumps(MODEL),
        "00000001000000000002000008004500001400010000090071c8100000013000 0001",
    ],
)
def test_a_packet_is_written_out_or_piped_in_or_in_a_file(
    core: Core, answer: Answerer, tmp_path: Path, text: str
) -> None:
    (tmp_path / "packet").write_text(text)
    for found in (
        one(core, answer, text),
        one(core, answer, "-", text.encode()),
        one(core, answer, f"@{tmp_path / 'packet'}"),
        one(core, answer, str(tmp_path / "packet")),
    ):
        assert found[:2] == ["Ether", "IP"]


def test_a_template_is_named(core: Core, answer: Answerer) -> None:
    assert one(core, answer, "TCP-SYN") == ["Ether", "IP", "TCP"]


def test_a_program_comes_with_its_packet(core: Core, answer: Answerer) -> None:
    program = {"field_engine": {"instructions": [{"id": "STLVmFixIpv4"}]}}
    found = read(core, answer, json.dumps({"source": MODEL, "program": program}))
    assert isinstance(found, Document)
    assert found.program.instructions == ({"id": "STLVmFixIpv4"},)


def numbers(found: Document | CaptureSource) -> list[int]:
    assert isinstance(found, CaptureSource)
    return [record.number for record in found.records()]


def test_captures_whole_and_in_part(core: Core, answer: Answerer, trace: Path) -> None:
    assert numbers(read(core, answer, str(trace))) == list(range(1, 13))
    assert numbers(read(core, answer, f"@{trace}")) == list(range(1, 13))
    assert numbers(read(core, answer, "-", pcapng(core))) == list(range(1, 13))
    assert numbers(read(core, answer, f"{trace}:5")) == [5]
    assert numbers(read(core, answer, f"{trace}:5..9")) == [5, 6, 7, 8, 9]
    whole = read(core, answer, str(trace))
    assert isinstance(whole, CaptureSource)
    assert list(whole.records()) == records(core)
    assert (whole.is_whole, whole.path) == (True, trace)


def test_a_long_capture_comes_through_a_pipe(core: Core, answer: Answerer) -> None:
    data = pcapng(core, 400)
    assert len(data) > 32 * 1024
    assert numbers(read(core, answer, "-", data)) == list(range(1, 401))


@pytest.mark.parametrize(
    ("numbered", "said"),
    [
        ("13", "the capture ends with packet 12; there is no 13"),
        ("9..14", "the capture ends with packet 12; there is no 14"),
        ("0", "numbered from 1 on"),
        ("9..5", "numbered from 1 on"),
    ],
)
def test_packets_that_a_capture_has_not(
    core: Core, answer: Answerer, trace: Path, numbered: str, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        numbers(read(core, answer, f"{trace}:{numbered}"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("missing.pcap", "there is no file 'missing.pcap'"),
        ("missing.pcap:5", "there is no file 'missing.pcap'"),
        ("@missing", "missing: No such file"),
        ("TCP-SYNN", 'no template .TCP-SYNN.; did you mean "TCP-SYN"'),
        ("/", "is a directory"),
        ("abc", "there is no template 'abc'"),
        ("[{", "not JSON"),
        ("Ether()/Nothing()", "no layer 'Nothing'"),
        ("", "is empty"),
    ],
)
def test_what_is_no_source(core: Core, answer: Answerer, text: str, said: str) -> None:
    with pytest.raises((ScapyServerError, DeskError), match=said):
        read(core, answer, text)


@pytest.mark.parametrize("which", ["5..", "5-9", "first", ""])
def test_packets_are_named_by_numbers(
    core: Core, answer: Answerer, trace: Path, which: str
) -> None:
    with pytest.raises(RefusedError, match=f"packets are named 5 or 5..9, not '{which}'"):
        read(core, answer, f"{trace}:{which}")


def test_a_text_that_is_called_a_capture(core: Core, answer: Answerer, tmp_path: Path) -> None:
    path = tmp_path / "notes.pcap"
    path.write_text("This is no capture (really)")
    with pytest.raises(RefusedError, match=r"is no capture; it begins with b'This is no captu'"):
        read(core, answer, str(path))


def test_what_is_neither_capture_nor_text(core: Core, answer: Answerer) -> None:
    with pytest.raises(RefusedError, match="neither a capture nor a text"):
        read(core, answer, "-", b"\x00\x01\x02")
    with pytest.raises(DeskError, match="is empty"):
        read(core, answer, "-")


def test_a_damaged_capture_says_so_after_its_packets(
    core: Core, answer: Answerer, tmp_path: Path
) -> None:
    path = tmp_path / "cut.pcapng"
    path.write_bytes(pcapng(core) + b"\6\0\0\0")
    found = read(core, answer, str(path))
    assert isinstance(found, CaptureSource)
    seen = []
    with pytest.raises(RefusedError, match="after 12 packets"):
        for record in found.records():
            seen.append(record.number)
    assert len(seen) == 12
