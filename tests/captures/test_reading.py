"""Whatever the format: packets come one by one, and what is damaged ends there."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.captures.reading import (
    Capture,
    capture_of,
    first_record,
    is_capture,
    read_capture,
)
from scapy_server.captures.records import PacketRecord
from scapy_server.captures.writing import write_capture
from scapy_server.errors import RefusedError
from tests import tshark
from tests.captures.files import BIG, FRAMES, LITTLE, classic, compressed, erf_file, whole

CAPTURES = Path(__file__).parent.parent / "sample_captures"
FILES = sorted(path for path in CAPTURES.iterdir() if path.suffix != ".bad-pcap")


def read(data: bytes) -> tuple[list[PacketRecord], str | None]:
    """The packets, and why there are no more."""
    capture = Capture(io.BytesIO(data))
    return list(capture.records()), capture.damage


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"x", "not a pcap"),
        (bytes(100), "not a pcap"),
        (b"#!/bin/sh", "b'#!/b'"),
        (b"hello there, this is a text\n" * 20, "not a pcap"),
        (compressed(b""), "empty"),
        (compressed(b"text"), "not a pcap"),
        (compressed(compressed(b"text")), "compressed once more"),
        (b"\x1f\x8bthis is not gzip", "gzip file is damaged near byte 0"),
    ],
)
def test_what_is_no_capture(data: bytes, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        read(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (classic(), True),
        (LITTLE.section(), True),
        (compressed(classic()), True),
        (erf_file(FRAMES), True),
        (b'{"fileType": "trp"}', False),
        (b"", False),
    ],
)
def test_a_capture_is_known_by_its_start(data: bytes, expected: bool) -> None:
    assert is_capture(data) is expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
class TestRealCaptures:
    @pytest.mark.processes
    def test_packets_are_those_of_tshark(self, path: Path) -> None:
        theirs = tshark.columns(
            path, ["frame.number", "frame.time_epoch", "frame.cap_len", "frame.len"]
        )
        ours = [
            [record.number, record.time_ns, len(record.data), record.original_length]
            for record in read_capture(path.read_bytes())
        ]
        assert ours == [
            [int(number), nanoseconds(time), int(captured), int(original)]
            for number, time, captured, original in theirs
        ]

    def test_pieces_are_the_file(self, path: Path) -> None:
        data = path.read_bytes()
        plain = gzip.decompress(data) if path.suffix == ".gz" else data
        assert b"".join(piece.raw for piece in capture_of(data).pieces()) == plain


def nanoseconds(seconds: str) -> int:
    before, _, after = seconds.partition(".")
    return int(before) * 1_000_000_000 + int(after.ljust(9, "0"))


def test_the_first_packet_alone() -> None:
    damaged = classic(whole(b"good")) + b"nothing of which is a packet"
    assert first_record(damaged).data == b"good"
    with pytest.raises(RefusedError, match="no packet"):
        first_record(classic())


def test_a_whole_capture_is_not_damaged() -> None:
    with pytest.raises(RefusedError, match="packet 4, at byte 145"):
        read_capture(classic(*map(whole, FRAMES)) + b"tail")


def test_what_follows_damage_stays_in_the_pieces() -> None:
    data = classic(*map(whole, FRAMES)) + bytes([255]) * 200_000
    capture = Capture(io.BytesIO(data))
    assert b"".join(piece.raw for piece in capture.pieces()) == data
    assert capture.damage is not None


class TestBounds:
    def test_capture_bytes(self) -> None:
        with pytest.raises(RefusedError, match=f"at most {int(limits.CAPTURE_BYTES)} bytes"):
            capture_of(bytes(limits.CAPTURE_BYTES + 1))

    def test_a_bomb_is_not_unpacked(self) -> None:
        body = classic(whole(b"good")) + bytes([255]) * limits.CAPTURE_BYTES
        capture = capture_of(compressed(body))
        records = [(record.data, record.problem) for record in capture.records()]
        assert records == [(b"good", None)]
        assert capture.damage == "the decompressed capture is longer than a capture may be"

    def test_frame_bytes(self) -> None:
        size = limits.FRAME_BYTES
        assert read_capture(classic(whole(bytes(size))))[0].data == bytes(size)
        assert read(classic(whole(bytes(size + 1)))) == (
            [],
            f"packet 1, at byte 24: it claims {size + 1} bytes, "
            f"and a packet may be at most {size:d}",
        )


VALID = (
    write_capture(FRAMES),
    classic(*map(whole, FRAMES), order=">", magic=0xA1B23C4D),
    compressed(write_capture(FRAMES)),
    LITTLE.section()
    + LITTLE.interface(link_type=113, snaplen=100)
    + b"".join(map(LITTLE.enhanced, FRAMES))
    + BIG.section()
    + BIG.interface()
    + BIG.simple(b"abc")
    + BIG.obsolete(b"defg"),
    erf_file(FRAMES),
)


@given(
    st.sampled_from(VALID),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=1),
)
def test_whatever_happened_to_a_capture_no_byte_of_it_is_lost(
    valid: bytes, changes: list[tuple[int, int]], cuts: list[tuple[int, int]]
) -> None:
    damaged = bytearray(valid)
    for position, byte in changes:
        damaged[position % len(valid)] = byte
    for start, length in cuts:
        del damaged[start : start + length]
    check_reading(bytes(damaged))


@given(st.binary(max_size=300), st.sampled_from(VALID), st.integers(0, 400))
def test_any_bytes_behind_any_start(noise: bytes, valid: bytes, kept: int) -> None:
    check_reading(valid[:kept] + noise)


def check_reading(data: bytes) -> None:
    try:
        capture = capture_of(data)
        pieces = list(capture.pieces())
    except RefusedError:
        return
    if not capture.is_compressed:
        assert b"".join(piece.raw for piece in pieces) == data
    records = [piece.record for piece in pieces if piece.record is not None]
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    assert all(len(record.data) <= len(data) * 1100 for record in records)


@pytest.mark.parametrize("make", [lambda rest: rest, compressed])
def test_a_pipe_is_read_as_it_comes(make: Callable[[bytes], bytes]) -> None:
    class Pipe(io.BytesIO):
        """Gives what is asked for, and tells how much that was at most."""

        most = 0

        def read(self, count: int | None = -1, /) -> bytes:
            assert count is not None and count >= 0
            Pipe.most = max(Pipe.most, count)
            return super().read(count)

    data = make(classic(*[whole(bytes(1000))] * 500))
    capture = Capture(Pipe(data))
    assert sum(1 for _ in capture.records()) == 500
    assert max(Pipe.most, 1) <= 65536


def test_times_before_and_after_all_others() -> None:
    late = classic(whole(b"x"), stamp=(0xFFFFFFFF, 999_999))
    assert read_capture(late)[0].time_ns == 4294967295_999999000
    odd = classic(whole(b"x"), stamp=(1, 0xFFFFFFFF))
    assert read_capture(odd)[0].time_ns == 1_000_000_000 + 0xFFFFFFFF * 1000


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (classic(whole(b"one")), ".pcap"),
        (LITTLE.section() + LITTLE.interface() + LITTLE.enhanced(b"one"), ".pcapng"),
        (erf_file([b"one"]), ".erf"),
        (compressed(classic(whole(b"one"))), ".pcap"),
    ],
)
def test_a_capture_knows_its_format(data: bytes, ending: str) -> None:
    assert Capture(io.BytesIO(data)).format == ending
