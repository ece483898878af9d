from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.pcap import PcapPiece, pcap_stamp
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.errors import RefusedError
from tests.captures.files import FRAMES, classic, whole
from tests.captures.test_reading import read

VARIANTS = [
    (0xA1B2C3D4, b"", b"", 1000),
    (0xA1B23C4D, b"", b"", 1),
    (0xA1B2CD34, b"", bytes(8), 1000),
    (0x1C0001AC, bytes(4), b"", 1),
    (0x1C0001AB, bytes(4), b"", 1),
    # Of the usual magic number with longer headers, as editcap writes them.
    (0xA1B2C3D4, b"", bytes(4), 1000),
    (0xA1B2C3D4, b"", bytes(8), 1000),
    (0xA1B2CD34, b"", bytes(12), 1000),
]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "after_header", "after_record", "unit"), VARIANTS)
def test_every_variant(
    order: str, magic: int, after_header: bytes, after_record: bytes, unit: int
) -> None:
    capture = classic(
        *map(whole, FRAMES),
        order=order,
        magic=magic,
        after_header=after_header,
        after_record=after_record,
    )
    records = read_capture(capture)
    assert [record.data for record in records] == FRAMES
    assert {record.time_ns for record in records} == {7_000_000_000 + 8 * unit}


@pytest.mark.parametrize("order", ["<", ">"])
def test_link_type_beside_the_length_of_a_check_sequence(order: str) -> None:
    with_frame_check_length = 0x24000000 | 101
    capture = classic(whole(b"x"), order=order, link=with_frame_check_length)
    assert read_capture(capture)[0].link_type == 101


def test_header_alone_is_no_packets() -> None:
    assert read(classic()) == ([], None)


@pytest.mark.parametrize("snaplen", [0, 100, 65535])
def test_packets_longer_than_the_snap_length_are_fine(snaplen: int) -> None:
    (record,) = read_capture(classic(whole(bytes(70000)), snaplen=snaplen))
    assert (len(record.data), record.problem) == (70000, None)


@pytest.mark.parametrize(
    ("captured", "original", "data", "problem"),
    [
        (3, 9, b"abc", "only 3 of its 9 bytes were captured"),
        (3, 2**32 - 1, b"abc", "only 3 of its 4294967295 bytes were captured"),
        (3, 2, b"abc", "it claims 3 captured bytes of a packet of 2"),
        (0, 0, b"", "it is empty"),
        (0, 60, b"", "only 0 of its 60 bytes were captured"),
        (5, 5, b"abc", "the capture ends within the packet, after 3 of 5 bytes"),
    ],
)
def test_a_packet_with_a_problem(captured: int, original: int, data: bytes, problem: str) -> None:
    records, damage = read(classic(whole(b"before"), (captured, original, data)))
    assert damage is None
    assert [(record.data, record.problem) for record in records] == [
        (b"before", None),
        (data, problem),
    ]
    assert records[1].original_length == original
    assert records[1].lacking == captured - len(data)


@pytest.mark.parametrize("minor", [0, 2])
def test_old_versions_have_the_lengths_the_other_way_round(minor: int) -> None:
    (record,) = read_capture(classic((9, 3, b"abc"), version=(2, minor)))
    assert (record.data, record.original_length) == (b"abc", 9)


def test_version_2_3_has_them_either_way() -> None:
    capture = classic((9, 3, b"abc"), (3, 9, b"def"), version=(2, 3))
    assert [record.data for record in read_capture(capture)] == [b"abc", b"def"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (classic()[:4], "4 of 24 bytes"),
        (classic()[:23], "23 of 24 bytes"),
        (classic(version=(3, 4)), "version 3.4"),
    ],
)
def test_refused(data: bytes, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        read(data)


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (b"garbage", "packet 2, at byte 43: .* after 7 of 16 bytes"),
        (b"garbage " * 4, "packet 2, at byte 43: it claims 1651663207 bytes"),
    ],
)
def test_what_comes_before_damage_is_read(tail: bytes, said: str) -> None:
    records, damage = read(classic(whole(b"abc")) + tail)
    assert [record.data for record in records] == [b"abc"]
    assert damage is not None
    assert re.match(said, damage)


class TestRewriting:
    @staticmethod
    def piece(data: bytes) -> PcapPiece:
        return next(
            piece for piece in Capture(io.BytesIO(data)).pieces() if isinstance(piece, PcapPiece)
        )

    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize(("magic", "after_header", "after_record", "unit"), VARIANTS)
    def test_a_record_that_stays_keeps_its_bytes(
        self, order: str, magic: int, after_header: bytes, after_record: bytes, unit: int
    ) -> None:
        piece = self.piece(
            classic(
                whole(b"abcd"),
                (4, 9, b"next"),
                order=order,
                magic=magic,
                after_header=after_header,
                after_record=after_record,
            )
        )
        assert piece.rewritten(piece.record) == piece.raw

    @given(st.binary(max_size=40), st.integers(0, 2**32 - 1), st.integers(0, 999_999))
    def test_another_packet_at_another_time(self, data: bytes, second: int, fraction: int) -> None:
        piece = self.piece(classic((4, 9, b"abcd"), order=">", version=(2, 2)))
        old = piece.record
        time_ns = second * 1_000_000_000 + fraction * 1000
        changed = type(old)(1, data, old.link_type, time_ns, len(data) + 5)
        header = classic(order=">", version=(2, 2))
        (record,) = Capture(io.BytesIO(header + piece.rewritten(changed))).records()
        assert (record.data, record.time_ns, record.original_length) == (
            data,
            time_ns,
            len(data) + 5,
        )


@pytest.mark.parametrize("time_ns", [-1, 2**32 * 1_000_000_000])
def test_times_that_pcap_cannot_hold(time_ns: int) -> None:
    with pytest.raises(RefusedError, match="2\\*\\*32 seconds"):
        pcap_stamp(time_ns, 1)
