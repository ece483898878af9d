from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from msgspec.structs import replace

from scapy_server.batch.editor import Editor
from scapy_server.batch.forms import form_of, gzipped, written
from scapy_server.batch.recipe import Recipe
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.captures.writing import write_records
from scapy_server.errors import RefusedError
from scapy_server.services.packets.core import Core
from tests.batch.packets import pcapng, records
from tests.captures.files import classic, erf_file, whole


def turned(core: Core, data: bytes, form: str | None) -> tuple[bytes, Editor]:
    editor = Editor(Recipe(), core)
    return b"".join(written(Capture(io.BytesIO(data)), editor, form)), editor


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.pcap", (".pcap", False)),
        ("a.CAP", (".pcap", False)),
        ("a.pcapng.gz", (".pcapng", True)),
        ("a.hex", (".hex", False)),
        ("a.erf", (".erf", False)),
    ],
)
def test_names_ask_for_forms(name: str, form: tuple[str, bool]) -> None:
    assert form_of(Path(name)) == form


@pytest.mark.parametrize("name", ["a", "a.txt", "a.gz", ".pcap"])
def test_other_names_ask_for_none(name: str) -> None:
    with pytest.raises(RefusedError, match=r"as what\? Give the file one of the endings"):
        form_of(Path(name))


@pytest.mark.parametrize("form", [None, ".pcapng"])
def test_its_own_format_keeps_every_byte(core: Core, form: str | None) -> None:
    assert turned(core, pcapng(core), form)[0] == pcapng(core)


def test_pcapng_becomes_pcap_and_says_what_is_lost(core: Core) -> None:
    data, editor = turned(core, pcapng(core), ".pcap")
    after = read_capture(data)
    assert [(each.data, each.time_ns) for each in after] == [
        (each.data, each.time_ns) for each in records(core)
    ]
    assert editor.tally.notes() == (
        "12 packets: its interface is lost, which pcap cannot hold; .pcapng can",
        "3 packets: its comment is lost, which pcap cannot hold; .pcapng can",
    )


def test_what_has_no_time_gets_none_unless_pcap_has_to_hold_it(core: Core) -> None:
    data = write_records([replace(record, time_ns=None) for record in records(core, 2)])
    assert [each.time_ns for each in read_capture(turned(core, data, ".pcapng")[0])] == [None, None]
    written, editor = turned(core, data, ".pcap")
    assert [each.time_ns for each in read_capture(written)] == [0, 0]
    assert "2 packets: it has no time and gets 0, as in pcap all have one; .pcapng can" in (
        editor.tally.notes()
    )


def test_other_formats_become_pcapng(core: Core) -> None:
    frames = [record.data for record in records(core)]
    for data in (classic(*map(whole, frames)), erf_file(frames)):
        after = read_capture(turned(core, data, ".pcapng")[0])
        assert [each.data for each in after] == frames


def test_hex_is_a_line_of_digits_for_each_packet(core: Core) -> None:
    data, _ = turned(core, pcapng(core), ".hex")
    assert data.decode() == "".join(f"{each.data.hex()}\n" for each in records(core))


def test_an_empty_capture_becomes_an_empty_one(core: Core) -> None:
    section = pcapng(core, 0)
    assert read_capture(turned(core, section, ".pcap")[0]) == []


def test_no_capture_is_written_as_erf_that_is_none(core: Core) -> None:
    with pytest.raises(RefusedError, match="in its own format, or as one of"):
        turned(core, pcapng(core), ".erf")


def test_gzip_is_the_same_for_the_same_bytes() -> None:
    packed = b"".join(gzipped(iter([b"one", b"two"])))
    assert gzip.decompress(packed) == b"onetwo"
    assert packed == b"".join(gzipped(iter([b"onet", b"wo"])))
