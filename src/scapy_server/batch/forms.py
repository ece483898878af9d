"""Captures written while they are read: in their own format, or turned into another one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from scapy_server.batch.editor import Editor
from scapy_server.captures.editing import edited
from scapy_server.captures.reading import Capture
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import PcapngWriter, PcapWriter, RecordWriter
from scapy_server.errors import RefusedError, located

_GZIP = ".gz"
_GZIP_WINDOW = 31  # zlib's bits for "with gzip header and check sum"
_FORMATS = {".pcap": ".pcap", ".cap": ".pcap", ".pcapng": ".pcapng", ".erf": ".erf", ".hex": ".hex"}
_ENDINGS = ".pcap, .pcapng, .hex"
_LACKING = "the capture holds fewer of its bytes than its record claims, and only these are written"


def form_of(path: Path) -> tuple[str, bool]:
    """The format that a file's name asks for, and whether it is in gzip; RefusedError if none."""
    packed = path.suffix.lower() == _GZIP
    name = path.with_suffix("") if packed else path
    form = _FORMATS.get(name.suffix.lower())
    if form is None:
        raise RefusedError(f"save {path.name} as what? Give the file one of the endings {_ENDINGS}")
    return form, packed


def written(capture: Capture, editor: Editor, form: str | None) -> Iterator[bytes]:
    """The bytes of a capture as an editor leaves it, packet by packet.

    In its own format everything but the changed packets keeps its bytes. Raises RefusedError
    for a form that holds no capture, and for a packet that cannot be held or changed.
    """
    if form is None or form == capture.format:
        return edited(capture, editor)
    if form == ".hex":
        return _as_hex(capture, editor)
    if form == ".pcap":
        return _as_pcap(capture, editor)
    if form == ".pcapng":
        return _with(PcapngWriter(), _records(capture, editor))
    raise RefusedError(f"a capture is written in its own format, or as one of {_ENDINGS}")


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The chunks as a gzip file, the same for the same bytes."""
    packer = zlib.compressobj(wbits=_GZIP_WINDOW)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def _records(capture: Capture, editor: Editor) -> Iterator[PacketRecord]:
    for record in capture.records():
        with located(f"packet {record.number}"):
            changed = editor(record)
        if record.lacking and changed:
            editor.tally.kept[_LACKING] += 1
        yield from changed


def _as_hex(capture: Capture, editor: Editor) -> Iterator[bytes]:
    return (record.data.hex().encode() + b"\n" for record in _records(capture, editor))


def _as_pcap(capture: Capture, editor: Editor) -> Iterator[bytes]:
    """A pcap file of the first packet's link type, in nanoseconds, as no time is to be lost."""
    records = _records(capture, editor)
    first = next(records, None)
    if first is None:
        yield PcapWriter(nano=True).begin()
        return
    yield from _with(PcapWriter(first.link_type, nano=True), _noting(first, records, editor))


def _noting(
    first: PacketRecord, others: Iterator[PacketRecord], editor: Editor
) -> Iterator[PacketRecord]:
    """The records, with a note of what pcap cannot hold of them."""
    record: PacketRecord | None = first
    while record is not None:
        for what in ("comment", "interface"):
            if getattr(record, what) is not None:
                editor.tally.kept[f"its {what} is lost, which pcap cannot hold; .pcapng can"] += 1
        if record.time_ns is None:
            editor.tally.kept[
                "it has no time and gets 0, as in pcap all have one; .pcapng can"
            ] += 1
        yield record
        record = next(others, None)


def _with(writer: RecordWriter, records: Iterator[PacketRecord]) -> Iterator[bytes]:
    yield writer.begin()
    for record in records:
        with located(f"packet {record.number}"):
            yield writer.written(record)
