"""Captures, record by record: whatever the format, forwards, in constant memory.

Read are classic pcap and its variants, pcapng, ERF, and each of these in gzip. Packets that
were cut or whose record contradicts itself come with a `problem`; where nothing more can be
found, what came before stays, and `Capture.damage` says why it ends there.

Source: docs/captures.md, "What is wrong with a packet".
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from scapy_server import limits
from scapy_server.captures import layouts
from scapy_server.captures.compression import Inflated
from scapy_server.captures.erf import is_erf, read_erf
from scapy_server.captures.pcap import read_pcap
from scapy_server.captures.pcapng import read_pcapng
from scapy_server.captures.records import OtherPiece, PacketRecord, Piece
from scapy_server.captures.source import DamagedCapture, Readable, Source
from scapy_server.errors import RefusedError, shown

#: As much of a file is looked at to tell its format; more of one without a magic number.
_MAGIC_BYTES = 4
_ERF_BYTES = 128 * 1024
_CHUNK = 64 * 1024


class Capture:
    """A capture file that is read once, forwards.

    `file` is read with `read(count)`, which is to return less only at the end. At most
    `bound` bytes are unpacked from gzip. Raises RefusedError for what is no capture.
    """

    def __init__(self, file: Readable, bound: int | None = None) -> None:
        #: Why the capture could not be read to its end; None if it was, or is not yet.
        self.damage: str | None = None
        #: The ending that files of its format have, without gzip's.
        self.format = ""
        start = file.read(_MAGIC_BYTES)
        self.is_compressed = start.startswith(layouts.GZIP_MAGIC)
        self._inflated = Inflated(file, start, bound) if self.is_compressed else None
        if self._inflated is not None:
            start = self._inflated.read(_MAGIC_BYTES)
            if not start and self._inflated.damage:
                raise RefusedError(self._inflated.damage)
        self._source = Source(self._inflated or file, start)
        self._pieces = self._read()

    def pieces(self) -> Iterator[Piece]:
        """All of the (uncompressed) file's bytes in order, packets and what is between them.

        Raises RefusedError if not even its header can be read.
        """
        try:
            yield from self._pieces
        except DamagedCapture as damaged:
            self.damage = damaged.problem
            yield OtherPiece(damaged.taken)
            while chunk := self._source.take(_CHUNK):
                yield OtherPiece(chunk)
        if self._inflated is not None and self._inflated.damage:
            self.damage = self._inflated.damage

    def records(self) -> Iterator[PacketRecord]:
        """The packets in order; raises as `pieces`."""
        for piece in self.pieces():
            if piece.record is not None:
                yield piece.record

    def _read(self) -> Iterator[Piece]:
        start = self._source.peek(_MAGIC_BYTES)
        if not start:
            raise RefusedError("the capture is empty: not even a file header is there")
        if start in layouts.PCAP_FORMS:
            self.format = ".pcap"
            return read_pcap(self._source)
        if start.startswith(layouts.SECTION_MAGIC):
            self.format = ".pcapng"
            return read_pcapng(self._source)
        if start.startswith(layouts.GZIP_MAGIC):
            raise RefusedError("it is compressed once more; give a capture compressed once")
        if is_erf(self._source.peek(_ERF_BYTES)):
            self.format = ".erf"
            return read_erf(self._source)
        raise RefusedError(
            "this is not a pcap, pcapng or ERF capture, nor one in gzip: "
            f"it begins with {shown(start)}"
        )


def is_capture(start: bytes) -> bool:
    """Whether a file that begins so is a capture, as far as its start tells."""
    return (
        start[:_MAGIC_BYTES] in layouts.PCAP_FORMS
        or start.startswith((layouts.SECTION_MAGIC, layouts.GZIP_MAGIC))
        or is_erf(start)
    )


def capture_of(data: bytes) -> Capture:
    """The capture whose file holds these bytes; raises RefusedError also for too many."""
    limits.CAPTURE_BYTES.check(len(data))
    return Capture(io.BytesIO(data), int(limits.CAPTURE_BYTES))


def read_capture(data: bytes) -> list[PacketRecord]:
    """All packets of a capture that is whole; raises RefusedError also for damage."""
    capture = capture_of(data)
    records = list(capture.records())
    if capture.damage:
        raise RefusedError(capture.damage)
    return records


def first_record(data: bytes) -> PacketRecord:
    """The first packet of a capture, which is read no further; RefusedError as `Capture`."""
    capture = Capture(io.BytesIO(data))
    record = next(capture.records(), None)
    if record is None:
        raise RefusedError(capture.damage or "the capture holds no packet")
    return record
