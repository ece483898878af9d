from __future__ import annotations

import io
import re
import struct

import pytest

from scapy_server import limits
from scapy_server.captures.pcapng import UNDESCRIBED, PcapngPiece
from scapy_server.captures.reading import Capture, read_capture
from scapy_server.errors import RefusedError
from tests.captures.files import BIG, LITTLE, Pcapng
from tests.captures.test_reading import read

HEAD = LITTLE.section() + LITTLE.interface()


@pytest.mark.parametrize("ng", [LITTLE, BIG])
def test_every_kind_of_block(ng: Pcapng) -> None:
    comment = ng.options((1, b"note"))
    capture = (
        ng.section(options=comment)
        + ng.interface(options=comment)
        + ng.block(5, bytes(12))
        + ng.enhanced(b"abcde", options=comment)
        + ng.block(0xBAD, b"whatever this may be")
        + ng.simple(b"fgh")
        + ng.obsolete(b"ijklmn")
        + ng.block(4, b"\0\0\0\0")
    )
    time_ns = (5 << 32 | 6) * 1000
    assert [(r.number, r.data, r.time_ns, r.comment) for r in read_capture(capture)] == [
        (1, b"abcde", time_ns, "note"),
        (2, b"fgh", None, None),
        (3, b"ijklmn", time_ns, None),
    ]


def test_each_interface_has_its_link_type_and_name() -> None:
    named = LITTLE.options((2, b"eth0"), (3, b"the first card"))
    described = LITTLE.options((3, b"a card\0"))
    capture = (
        LITTLE.section()
        + LITTLE.interface(link_type=113, options=named)
        + LITTLE.interface(link_type=101, options=described)
        + LITTLE.enhanced(b"raw ip", interface=1)
        + LITTLE.enhanced(b"cooked", interface=0)
        + LITTLE.obsolete(b"raw again", interface=1)
        + LITTLE.simple(b"of the first")
    )
    found = [(record.link_type, record.interface) for record in read_capture(capture)]
    assert found == [(101, "a card"), (113, "eth0"), (101, "a card"), (113, "eth0")]


def test_each_section_has_its_interfaces_and_byte_order() -> None:
    capture = (
        LITTLE.section()
        + LITTLE.interface(link_type=113)
        + LITTLE.enhanced(b"first")
        + BIG.section()
        + BIG.interface(link_type=127)
        + BIG.enhanced(b"second")
    )
    found = [(record.data, record.link_type) for record in read_capture(capture)]
    assert found == [(b"first", 113), (b"second", 127)]


@pytest.mark.parametrize("capture", [LITTLE.section(), BIG.section() + BIG.interface()])
def test_no_packets(capture: bytes) -> None:
    assert read(capture) == ([], None)


@pytest.mark.parametrize(
    ("options", "stamp", "time_ns"),
    [
        ((), 1_500_000, 1_500_000_000),
        (((9, b"\x09"),), 1_500_000_001, 1_500_000_001),
        (((9, b"\x03"),), 1_500, 1_500_000_000),
        (((9, b"\x0c"),), 1_500_000_001_999, 1_500_000_001),
        (((9, b"\x94"),), 3 << 19, 1_500_000_000),  # 2**-20 s
        (((9, b"\x06"), (14, struct.pack("<q", 1000))), 7, 1_000_000_007_000),
        (((14, struct.pack("<q", -2)),), 500_000, -1_500_000_000),
        (((9, b"\xff"),), 1 << 63, 1_000_000_000),  # finer than it can count
    ],
)
def test_times(options: tuple[tuple[int, bytes], ...], stamp: int, time_ns: int) -> None:
    capture = (
        LITTLE.section()
        + LITTLE.interface(options=LITTLE.options(*options))
        + LITTLE.enhanced(b"x", stamp=stamp)
    )
    assert read_capture(capture)[0].time_ns == time_ns


def test_several_comments_stand_one_below_the_other() -> None:
    comments = LITTLE.options((1, b"first"), (4, bytes(8)), (1, b"zweitens"))
    assert read_capture(HEAD + LITTLE.enhanced(b"x", options=comments))[0].comment == (
        "first\nzweitens"
    )


def test_text_that_is_not_utf_8() -> None:
    comment = LITTLE.options((1, b"caf\xe9"))
    assert read_capture(HEAD + LITTLE.enhanced(b"x", options=comment))[0].comment == "caf\ufffd"


@pytest.mark.parametrize("size", [1, 4, 5, 7, 8])
def test_simple_packet_up_to_the_snap_length(size: int) -> None:
    head = LITTLE.section() + LITTLE.interface(snaplen=8)
    assert read_capture(head + LITTLE.simple(bytes(size)))[0].data == bytes(size)


@pytest.mark.parametrize(
    ("block", "data", "problem"),
    [
        (LITTLE.enhanced(b"x", interface=1), b"x", "it is of interface 1, but 1 are described"),
        (LITTLE.enhanced(b"abc", original=9), b"abc", "only 3 of its 9 bytes were captured"),
        (LITTLE.enhanced(b"abc", original=2), b"abc", "it claims 3 captured bytes of a packet of"),
        (LITTLE.enhanced(b""), b"", "it is empty"),
        (LITTLE.simple(b"abcd", original=9), b"abcd", "it claims 9 bytes, but its block holds 4"),
        (
            LITTLE.block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9) + b"four"),
            b"four",
            "it claims 9 bytes, but its block holds 4",
        ),
        (LITTLE.enhanced(b"abcdefgh")[:-6], b"abcdef", "it claims 8 bytes, but its block holds 6"),
    ],
)
def test_a_packet_with_a_problem(block: bytes, data: bytes, problem: str) -> None:
    records, damage = read(HEAD + LITTLE.simple(b"before") + block)
    assert damage is None
    assert records[1].data == data
    assert (records[1].problem or "").startswith(problem)
    lacking = re.match("it claims (.) bytes, but its block holds (.)", problem)
    assert records[1].lacking == (int(lacking[1]) - int(lacking[2]) if lacking else 0)


def test_a_packet_of_no_interface_has_no_link_type_that_means_anything() -> None:
    (record,) = read_capture(LITTLE.section() + LITTLE.enhanced(b"x"))
    assert (record.link_type, record.problem is None) == (UNDESCRIBED, False)


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (b"tail", "packet 2, at byte 68: the capture ends within a block"),
        (LITTLE.section()[:27], "the capture ends within a block, after 27 of 28 bytes"),
        (LITTLE.section()[:11], "the section's byte-order magic"),
        (LITTLE.section().replace(b"\x4d\x3c", b"\x4d\x3d"), "the section's byte-order magic"),
        (LITTLE.section(major=2), "pcapng version 2.0"),
        (LITTLE.block(6, b"short"), "the block's body has 8 bytes, not 20"),
        (LITTLE.block(1, b"it"), "the block's body has 4 bytes, not 8"),
        (struct.pack("<III", 6, 8, 8), "the block's length is 8"),
        (struct.pack("<III", 6, 2**32 - 4, 8), "the block's length is 4294967292"),
    ],
)
def test_what_comes_before_damage_is_read(tail: bytes, said: str) -> None:
    records, damage = read(HEAD + LITTLE.simple(b"x") + tail)
    assert [record.data for record in records] == [b"x"]
    assert said in (damage or "")
    assert re.match(r"packet 2, at byte 68: ", damage or "")


def test_block_bytes() -> None:
    size = limits.CAPTURE_BLOCK_BYTES
    fitting = LITTLE.block(0xBAD, bytes(size - 12))
    assert read(HEAD + fitting + LITTLE.simple(b"x"))[1] is None
    records, damage = read(HEAD + LITTLE.block(0xBAD, bytes(size - 8)) + LITTLE.simple(b"x"))
    assert records == []
    assert f"at most {size:d}" in (damage or "")


class TestRewriting:
    @staticmethod
    def piece(head: bytes, block: bytes) -> PcapngPiece:
        pieces = Capture(io.BytesIO(head + block)).pieces()
        return next(piece for piece in pieces if isinstance(piece, PcapngPiece))

    @pytest.mark.parametrize("ng", [LITTLE, BIG])
    def test_a_packet_that_stays_keeps_its_bytes(self, ng: Pcapng) -> None:
        options = ng.options((1, b"note"), (2, bytes(4)))
        for block in (ng.enhanced(b"abcde", options=options), ng.simple(b"ab"), ng.obsolete(b"c")):
            piece = self.piece(ng.section() + ng.interface(), block)
            assert piece.rewritten(piece.record) == block

    def test_another_packet_keeps_options_and_time(self) -> None:
        options = LITTLE.options((2, bytes(4)), (1, b"note"))
        piece = self.piece(HEAD, LITTLE.enhanced(b"abcde", original=9, options=options))
        longer = piece.rewritten(piece.record.with_data(b"much longer"))
        assert longer == LITTLE.enhanced(b"much longer", original=15, options=options)

    def test_another_time_and_comment(self) -> None:
        options = LITTLE.options((2, bytes(4)), (1, b"note"))
        piece = self.piece(HEAD, LITTLE.enhanced(b"abc", options=options))
        old = piece.record
        changed = type(old)(1, b"abc", 1, 7_000, 3, comment="other")
        expected = LITTLE.options((1, b"other"), (2, bytes(4)))
        assert piece.rewritten(changed) == LITTLE.enhanced(b"abc", options=expected, stamp=7)
        bare = type(old)(1, b"abc", 1, old.time_ns, 3)
        assert piece.rewritten(bare) == LITTLE.enhanced(
            b"abc", options=LITTLE.options((2, bytes(4)))
        )

    def test_a_simple_block_holds_no_time(self) -> None:
        piece = self.piece(HEAD, LITTLE.simple(b"abc"))
        assert piece.rewritten(piece.record.with_data(b"xy")) == LITTLE.simple(b"xy")
        with pytest.raises(RefusedError, match="simple packet block holds no time"):
            piece.rewritten(type(piece.record)(1, b"abc", 1, 5, 3))

    def test_a_time_that_the_interface_cannot_hold(self) -> None:
        piece = self.piece(HEAD, LITTLE.enhanced(b"abc"))
        with pytest.raises(RefusedError, match="cannot hold"):
            piece.rewritten(type(piece.record)(1, b"abc", 1, -1000, 3))


def test_an_empty_name_is_none() -> None:
    named = LITTLE.options((2, b"\0"))
    capture = LITTLE.section() + LITTLE.interface(options=named) + LITTLE.enhanced(b"a packet")
    assert [record.interface for record in read_capture(capture)] == [None]
