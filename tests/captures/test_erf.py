from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from scapy_server.captures.erf import ErfPiece, is_erf
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.errors import RefusedError
from tests import tshark
from tests.captures.files import FRAMES, erf, erf_file
from tests.captures.test_reading import read

FRAME = bytes.fromhex(
    "00000001000000000002000008004500002000010000401176c9100000013000000100090009000ce5e361626364"
)


def extended(record: bytes, *headers: bytes) -> bytes:
    """The record with extension headers; the highest bit says that another one follows."""
    raw = bytearray(record)
    raw[8] |= 0x80
    raw[10:12] = struct.pack(">H", len(record) + 8 * len(headers))
    marked = [
        bytes([header[0] | 0x80 * (number + 1 < len(headers))]) + header[1:]
        for number, header in enumerate(headers)
    ]
    return bytes(raw[:16]) + b"".join(marked) + bytes(raw[16:])


RECORDS = {
    "plain": erf(FRAME),
    "colour": erf(FRAME, kind=11),
    "padded to eight bytes": erf(FRAME, after=bytes(6)),
    "with a check sequence": erf(FRAME + b"\1\2\3\4", after=bytes(2)),
    "cut": erf(FRAME, wire=len(FRAME) + 100),
    "one extension header": extended(erf(FRAME), bytes(8)),
    "two extension headers": extended(erf(FRAME), bytes(8), b"\x03" + bytes(7)),
}


@pytest.mark.processes
@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
def test_as_tshark_reads_it(record: bytes, tmp_path: Path) -> None:
    path = tmp_path / "one.erf"
    path.write_bytes(record * 3)
    columns = tshark.columns(path, ["frame.cap_len", "frame.len", "eth.src", "frame.time_epoch"])
    found = read_capture(path.read_bytes())
    assert [
        [str(len(r.data)), str(r.original_length), r.data[6:12].hex(":"), r.time_ns] for r in found
    ] == [
        [captured, length, source, int(time.replace(".", ""))]
        for captured, length, source, time in columns
    ]


@pytest.mark.parametrize(
    ("kind", "body", "link_type"),
    [
        (22, b"\x45" + bytes(19), 228),
        (23, b"\x60" + bytes(39), 229),
        (21, bytes(12), 247),
        (1, b"\x0f\x00\x08\x00", 104),
        (1, b"\xff\x03\x00\x21", 50),
        (1, b"\x18\x41\x03\xcc", 107),
    ],
)
def test_link_types(kind: int, body: bytes, link_type: int) -> None:
    (record,) = read_capture(erf(body, kind=kind, before=b""))
    assert (record.data, record.link_type) == (body, link_type)


def test_a_record_of_another_kind_is_given_as_a_whole() -> None:
    raw = erf(bytes(53), kind=3, before=b"")
    (record,) = read_capture(raw)
    assert (record.data, record.link_type) == (raw, 197)


def test_records_without_a_packet_are_passed_over() -> None:
    capture = erf(FRAME) + erf(bytes(8), kind=48) + erf(bytes(40), kind=27) + erf(FRAME)
    assert [(record.number, record.data) for record in read_capture(capture)] == [
        (1, FRAME),
        (2, FRAME),
    ]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (erf_file(FRAMES), True),
        (erf(FRAME), True),
        (erf(FRAME) * 2 + erf(FRAME)[:30], True),
        (erf(FRAME)[:-1], False),
        (b"", False),
        (bytes(64), False),
        (b"text\n" * 40, False),
    ],
)
def test_is_told_by_its_first_records(start: bytes, expected: bool) -> None:
    assert is_erf(start) is expected


def test_a_cut_file() -> None:
    records, damage = read(erf(FRAME) * 2 + erf(FRAME)[:30])
    assert [record.problem for record in records] == [
        None,
        None,
        "the capture ends within the packet, after 30 of 64 bytes",
    ]
    assert [record.lacking for record in records] == [0, 0, 34]
    assert damage is None
    assert "no whole record header" in (read(erf(FRAME) * 2 + b"tail")[1] or "")


class TestRewriting:
    @staticmethod
    def piece(record: bytes) -> ErfPiece:
        pieces = Capture(io.BytesIO(record)).pieces()
        return next(piece for piece in pieces if isinstance(piece, ErfPiece))

    @pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
    def test_a_record_that_stays_keeps_its_bytes(self, record: bytes) -> None:
        piece = self.piece(record)
        assert piece.rewritten(piece.record) == record

    def test_another_packet_at_another_time(self) -> None:
        piece = self.piece(erf(FRAME, after=bytes(6)))
        old = piece.record
        changed = type(old)(1, b"other", 1, 1_600_000_000_123456789, 9)
        (found,) = read_capture(piece.rewritten(changed))
        assert (found.data, found.time_ns, found.original_length) == (
            b"other",
            1_600_000_000_123456789,
            9,
        )

    @pytest.mark.parametrize("time_ns", [-1, 2**32 * 1_000_000_000])
    def test_times_that_it_cannot_hold(self, time_ns: int) -> None:
        piece = self.piece(erf(FRAME))
        with pytest.raises(RefusedError, match="2\\*\\*32 seconds"):
            piece.rewritten(type(piece.record)(1, FRAME, 1, time_ns, len(FRAME)))

    def test_a_packet_that_is_too_long(self) -> None:
        piece = self.piece(erf(FRAME))
        with pytest.raises(RefusedError, match="at most 65535 bytes"):
            piece.rewritten(piece.record.with_data(bytes(65536)))
