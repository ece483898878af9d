from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.captures.reading import CapturedFrame, read_capture, write_capture
from scapy_server.errors import RefusedError
from tests import tshark

CAPTURES = Path(__file__).parent.parent / "sample_captures"
FILES = sorted(path for path in CAPTURES.iterdir() if path.suffix != ".bad-pcap")
FRAMES = [b"one", b"the second", bytes(60)]


def data_of(capture: bytes) -> list[bytes]:
    return [frame.data for frame in read_capture(capture)]


def classic(
    *records: tuple[int, int, bytes],
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    version: int = 2,
    snaplen: int = 65535,
    link: int = 1,
    after_header: bytes = b"",
    after_record: bytes = b"",
) -> bytes:
    """A classic pcap of records (captured length, original length, bytes)."""
    file = struct.pack(order + "IHHiIII", magic, version, 4, 0, 0, snaplen, link) + after_header
    for captured, original, frame in records:
        file += struct.pack(order + "IIII", 7, 8, captured, original) + after_record + frame
    return file


def whole(frame: bytes) -> tuple[int, int, bytes]:
    return len(frame), len(frame), frame


class Pcapng:
    """Builds pcapng blocks in one byte order."""

    def __init__(self, order: str) -> None:
        self.order = order

    def block(self, kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = struct.pack(self.order + "I", len(body) + 12)
        return struct.pack(self.order + "I", kind) + length + body + length

    def section(self, major: int = 1, options: bytes = b"") -> bytes:
        magic = struct.pack(self.order + "IHHq", 0x1A2B3C4D, major, 0, -1)
        return self.block(0x0A0D0D0A, magic + options)

    def interface(self, link_type: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
        return self.block(1, struct.pack(self.order + "HHI", link_type, 0, snaplen) + options)

    def enhanced(
        self, frame: bytes, interface: int = 0, original: int | None = None, options: bytes = b""
    ) -> bytes:
        original = len(frame) if original is None else original
        header = struct.pack(self.order + "IIIII", interface, 5, 6, len(frame), original)
        return self.block(6, header + frame + bytes(-len(frame) % 4) + options)

    def simple(self, frame: bytes, original: int | None = None) -> bytes:
        original = len(frame) if original is None else original
        return self.block(3, struct.pack(self.order + "I", original) + frame)

    def obsolete(self, frame: bytes, interface: int = 0) -> bytes:
        header = struct.pack(self.order + "HHIIII", interface, 9, 5, 6, len(frame), len(frame))
        return self.block(2, header + frame)


LITTLE = Pcapng("<")
BIG = Pcapng(">")


class TestClassic:
    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize(
        ("magic", "after_header", "after_record"),
        [
            (0xA1B2C3D4, b"", b""),
            (0xA1B23C4D, b"", b""),
            (0xA1B2CD34, b"", bytes(8)),
            (0x1C0001AC, bytes(4), b""),
            (0x1C0001AB, bytes(4), b""),
        ],
    )
    def test_every_variant(
        self, order: str, magic: int, after_header: bytes, after_record: bytes
    ) -> None:
        capture = classic(
            *map(whole, FRAMES),
            order=order,
            magic=magic,
            after_header=after_header,
            after_record=after_record,
        )
        assert data_of(capture) == FRAMES

    @pytest.mark.parametrize("order", ["<", ">"])
    def test_link_type(self, order: str) -> None:
        with_frame_check_length = 0x24000000 | 101
        capture = classic(whole(b"x"), order=order, link=with_frame_check_length)
        assert read_capture(capture) == [CapturedFrame(b"x", 101)]

    def test_header_alone_is_no_packets(self) -> None:
        assert read_capture(classic()) == []

    def test_snap_length_zero_bounds_nothing(self) -> None:
        assert data_of(classic(whole(bytes(70000)), snaplen=0)) == [bytes(70000)]

    @pytest.mark.parametrize(
        ("capture", "said"),
        [
            (b"", "empty"),
            (b"x", "not a pcap"),
            (b"\x00" * 100, "not a pcap"),
            (b"#!/bin/sh", "b'#!/b'"),
            (classic()[:4], "4 of 24 bytes"),
            (classic()[:23], "23 of 24 bytes"),
            (classic(version=3), "version 3.4"),
            (classic(whole(b"abc"))[:-1], "packet 1, at byte 24: .* after 2 of 3 bytes"),
            (classic(whole(b"abc"))[:-3], "packet 1, at byte 24: .* after 0 of 3 bytes"),
            (classic(whole(b"abc"))[:-4], "packet 1, at byte 24: .* after 15 of 16 bytes"),
            (classic(*map(whole, FRAMES))[:-7], "packet 3, at byte 69: .* after 53 of 60"),
            (classic(whole(b"abc")) + b"garbage", "packet 2, at byte 43: .* after 7 of 16"),
            (classic((3, 9, b"abc")), "packet 1, .* only 3 of its 9 bytes"),
            (classic((3, 2, b"abc")), "packet 1, .* 3 captured bytes of a packet of 2"),
            (classic((0, 0, b"")), "packet 1, .* empty"),
            (classic(whole(bytes(101)), snaplen=100), "101 bytes, .* snap length is 100"),
            (classic((2**32 - 1, 2**32 - 1, b"")), "packet 1, .* a packet may be at most"),
            (classic((3, 2**32 - 1, b"abc")), "packet 1, .* a packet may be at most"),
        ],
    )
    def test_refused(self, capture: bytes, said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            read_capture(capture)


class TestPcapng:
    @pytest.mark.parametrize("ng", [LITTLE, BIG])
    def test_every_kind_of_block(self, ng: Pcapng) -> None:
        comment = struct.pack(ng.order + "HH4sI", 1, 4, b"note", 0)
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
        assert read_capture(capture) == [
            CapturedFrame(frame, 1) for frame in (b"abcde", b"fgh", b"ijklmn")
        ]

    def test_each_interface_has_its_link_type(self) -> None:
        capture = (
            LITTLE.section()
            + LITTLE.interface(link_type=113)
            + LITTLE.interface(link_type=101)
            + LITTLE.enhanced(b"raw ip", interface=1)
            + LITTLE.enhanced(b"cooked", interface=0)
            + LITTLE.obsolete(b"raw again", interface=1)
            + LITTLE.simple(b"of the first")
        )
        assert [frame.link_type for frame in read_capture(capture)] == [101, 113, 101, 113]

    def test_each_section_has_its_interfaces_and_byte_order(self) -> None:
        capture = (
            LITTLE.section()
            + LITTLE.interface(link_type=113)
            + LITTLE.enhanced(b"first")
            + BIG.section()
            + BIG.interface(link_type=127)
            + BIG.enhanced(b"second")
        )
        assert read_capture(capture) == [
            CapturedFrame(b"first", 113),
            CapturedFrame(b"second", 127),
        ]

    @pytest.mark.parametrize("capture", [LITTLE.section(), BIG.section() + BIG.interface()])
    def test_no_packets(self, capture: bytes) -> None:
        assert read_capture(capture) == []

    @pytest.mark.parametrize("size", [1, 4, 5, 7, 8])
    def test_simple_packet_up_to_the_snap_length(self, size: int) -> None:
        head = LITTLE.section() + LITTLE.interface(snaplen=8)
        assert data_of(head + LITTLE.simple(bytes(size))) == [bytes(size)]

    HEAD = LITTLE.section() + LITTLE.interface()

    @pytest.mark.parametrize(
        ("capture", "said"),
        [
            (LITTLE.section()[:11], "after 11 bytes"),
            (LITTLE.section()[:27], "after 27 of 28 bytes"),
            (LITTLE.section().replace(b"\x4d\x3c", b"\x4d\x3d"), "byte-order magic"),
            (LITTLE.section(major=2), "version 2.0"),
            (LITTLE.section()[:-1] + b"\x01", "28 at its start, 16777244 at its end"),
            (LITTLE.section() + LITTLE.enhanced(b"x"), "packet 1, .* of interface 0, but 0"),
            (HEAD + LITTLE.enhanced(b"x", interface=1), "of interface 1, but 1"),
            (HEAD + BIG.section() + BIG.enhanced(b"x"), "of interface 0, but 0"),
            (HEAD + LITTLE.enhanced(b"x")[:-1], "packet 1, at byte 48: .* within a block"),
            (HEAD + LITTLE.simple(b"x") * 2 + b"tail", "packet 3, at byte 88: .* within a block"),
            (HEAD + LITTLE.enhanced(b"abc", original=9), "packet 1, .* only 3 of its 9 bytes"),
            (HEAD + LITTLE.enhanced(b"abc", original=2), "3 captured bytes of a packet of 2"),
            (HEAD + LITTLE.enhanced(b""), "empty"),
            (HEAD + LITTLE.simple(b"abc", original=9), "claims 9 bytes, but its block holds 4"),
            (HEAD + LITTLE.simple(b"abcdefgh", original=3), "claims 3 bytes, but .* holds 8"),
            (HEAD + LITTLE.block(6, b"short"), "body has 8 bytes, it needs 20"),
            (HEAD + LITTLE.block(1, b"it"), "body has 4 bytes, it needs 8"),
            (HEAD + struct.pack("<III", 6, 8, 8), "length is 8"),
            (HEAD + struct.pack("<III", 6, 13, 13) + b"x", "length is 13"),
            (
                HEAD + LITTLE.block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9) + b"four"),
                "claims 9 bytes, but its block holds 4",
            ),
            (
                LITTLE.section() + LITTLE.interface(snaplen=2) + LITTLE.enhanced(b"abc"),
                "claims 3 bytes, but the capture's snap length is 2",
            ),
            (
                LITTLE.section() + LITTLE.interface(snaplen=4) + LITTLE.simple(b"abcd", original=9),
                "only 4 of its 9 bytes",
            ),
        ],
    )
    def test_refused(self, capture: bytes, said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            read_capture(capture)


def compressed(data: bytes) -> bytes:
    """A gzip file without the time it was made, for cases that every test process names alike."""
    return gzip.compress(data, mtime=0)


class TestGzip:
    def test_members_are_read_one_after_the_other(self) -> None:
        plain = write_capture(FRAMES)
        capture = gzip.compress(plain[:30]) + gzip.compress(plain[30:]) + bytes(512)
        assert data_of(capture) == FRAMES

    def test_as_many_bytes_as_a_capture_may_be(self) -> None:
        room = limits.CAPTURE_BYTES - 28
        body = LITTLE.section() + LITTLE.block(0xBAD, bytes(room - 12))
        assert len(body) == limits.CAPTURE_BYTES
        assert read_capture(gzip.compress(body, 1)) == []

    def test_a_bomb_is_not_unpacked(self) -> None:
        bomb = gzip.compress(bytes(limits.CAPTURE_BYTES + 1), 1)
        with pytest.raises(
            RefusedError, match=f"capture is longer than {int(limits.CAPTURE_BYTES)}"
        ):
            read_capture(bomb)

    @pytest.mark.parametrize(
        ("capture", "said"),
        [
            (compressed(write_capture(FRAMES))[:-1], "gzip file is cut short at byte"),
            (compressed(write_capture(FRAMES))[:15], "gzip file is cut short at byte 15"),
            (compressed(write_capture(FRAMES))[:-8] + bytes(8), "gzip file is damaged"),
            (compressed(write_capture(FRAMES)) + b"tail", "gzip file is damaged"),
            (compressed(write_capture(FRAMES)) + bytes(99999) + b"\1", "gzip file is damaged"),
            (compressed(b""), "empty"),
            (compressed(b"text"), "decompressed capture: this is not a pcap"),
            (compressed(compressed(b"text")), "compressed once more"),
            (compressed(write_capture(FRAMES)[:-1]), "decompressed capture, packet 3, at byte"),
        ],
    )
    def test_refused(self, capture: bytes, said: str) -> None:
        with pytest.raises(RefusedError, match=said):
            read_capture(capture)


class TestWrite:
    def test_bytes(self) -> None:
        assert write_capture([b"ab", b"c"], 101) == bytes.fromhex(
            "d4c3b2a1 0200 0400 00000000 00000000 ffff0000 65000000"
            "00000000 00000000 02000000 02000000 6162"
            "00000000 01000000 01000000 01000000 63"
        )

    def test_no_frames_make_a_header(self) -> None:
        assert write_capture([]) == classic()

    def test_the_snap_length_covers_the_longest_frame(self) -> None:
        assert data_of(write_capture([bytes(65535), bytes(65536)]))[1] == bytes(65536)
        assert struct.unpack_from("<I", write_capture([bytes(65536)]), 16) == (65536,)

    @pytest.mark.parametrize("link_type", [-1, 65536])
    def test_link_type_out_of_range(self, link_type: int) -> None:
        with pytest.raises(RefusedError, match="0 to 65535"):
            write_capture([], link_type)

    def test_an_empty_frame_is_refused(self) -> None:
        with pytest.raises(RefusedError, match="packet 2: it is empty"):
            write_capture([b"x", b""])


class TestBounds:
    """Each bound on both of its sides."""

    def test_packets(self) -> None:
        count = limits.CAPTURE_PACKETS
        capture = write_capture([b"x"] * count)
        assert len(read_capture(capture)) == count
        record = classic(whole(b"x"))[24:]
        for refused in (
            lambda: write_capture([b"x"] * (count + 1)),
            lambda: read_capture(capture + record),
            lambda: read_capture(
                LITTLE.section() + LITTLE.interface() + LITTLE.simple(b"x") * (count + 1)
            ),
        ):
            with pytest.raises(RefusedError, match=f"a capture may be at most {count:d} packets"):
                refused()

    def test_frame_bytes(self) -> None:
        size = limits.FRAME_BYTES
        assert data_of(write_capture([bytes(size)])) == [bytes(size)]
        with pytest.raises(RefusedError, match=f"packet 1: a packet may be at most {size:d} bytes"):
            write_capture([bytes(size + 1)])
        with pytest.raises(RefusedError, match="packet 1, at byte 24: a packet may be at most"):
            read_capture(classic(whole(bytes(size + 1)), snaplen=0))

    def test_capture_bytes(self) -> None:
        fitting = (limits.CAPTURE_BYTES - 24) // (limits.FRAME_BYTES + 16)
        frames = [bytes(limits.FRAME_BYTES)] * fitting
        rest = limits.CAPTURE_BYTES - 24 - fitting * (limits.FRAME_BYTES + 16) - 16
        capture = write_capture([*frames, bytes(rest)])
        assert len(capture) == limits.CAPTURE_BYTES
        assert len(read_capture(capture)) == fitting + 1
        for refused in (
            lambda: write_capture([*frames, bytes(rest + 1)]),
            lambda: read_capture(capture + b"x"),
        ):
            with pytest.raises(
                RefusedError, match=f"a capture may be at most {int(limits.CAPTURE_BYTES)} bytes"
            ):
                refused()

    def test_blocks(self) -> None:
        blocks = LITTLE.section() + LITTLE.block(0xBAD, b"") * (limits.CAPTURE_BLOCKS - 1)
        assert read_capture(blocks) == []
        with pytest.raises(
            RefusedError, match=f"pcapng capture may be at most {int(limits.CAPTURE_BLOCKS)} blocks"
        ):
            read_capture(blocks + LITTLE.block(0xBAD, b""))

    def test_gzip_members(self) -> None:
        empty = gzip.compress(b"")
        capture = gzip.compress(write_capture(FRAMES)) + empty * (limits.CAPTURE_GZIP_MEMBERS - 1)
        assert data_of(capture) == FRAMES
        with pytest.raises(
            RefusedError, match=f"in gzip may be at most {int(limits.CAPTURE_GZIP_MEMBERS)} members"
        ):
            read_capture(capture + empty)


class TestProperties:
    @given(st.lists(st.binary(min_size=1, max_size=90), max_size=9), st.integers(0, 65535))
    def test_what_is_written_is_read(self, frames: list[bytes], link_type: int) -> None:
        capture = write_capture(frames, link_type)
        expected = [CapturedFrame(frame, link_type) for frame in frames]
        assert read_capture(capture) == expected
        assert read_capture(gzip.compress(capture, 1)) == expected

    @given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5), st.data())
    def test_a_cut_capture_is_refused_or_shorter_by_whole_packets(
        self, frames: list[bytes], data: st.DataObject
    ) -> None:
        capture = write_capture(frames)
        ends = [len(write_capture(frames[:count])) for count in range(len(frames))]
        cut = data.draw(st.integers(0, len(capture) - 1) | st.sampled_from(ends))
        if cut in ends:
            assert data_of(capture[:cut]) == frames[: ends.index(cut)]
        else:
            with pytest.raises(RefusedError):
                read_capture(capture[:cut])

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
    )

    @given(
        st.sampled_from(VALID),
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4),
        st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=1),
    )
    def test_a_damaged_capture_is_read_or_refused(
        self, valid: bytes, changes: list[tuple[int, int]], cuts: list[tuple[int, int]]
    ) -> None:
        damaged = bytearray(valid)
        for position, byte in changes:
            damaged[position % len(valid)] = byte
        for start, length in cuts:
            del damaged[start : start + length]
        self.read_or_refuse(bytes(damaged))

    @given(st.sampled_from([b"", *(valid[:28] for valid in VALID)]), st.binary(max_size=200))
    def test_any_bytes_are_read_or_refused(self, start: bytes, rest: bytes) -> None:
        self.read_or_refuse(start + rest)

    @staticmethod
    def read_or_refuse(capture: bytes) -> None:
        try:
            frames = read_capture(capture)
        except RefusedError as error:
            assert error.problem
        else:
            assert all(frame.data for frame in frames)


class TestRealCaptures:
    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
    def test_every_packet_as_tshark_reads_it(self, path: Path) -> None:
        frames = read_capture(path.read_bytes())
        lengths = [int(length) for (length,) in tshark.columns(path, ["frame.len"])]
        assert [len(frame.data) for frame in frames] == lengths
        assert {frame.link_type for frame in frames} == {1}

    def test_tshark_reads_what_we_write(self, tmp_path: Path) -> None:
        path = tmp_path / "written.pcap"
        path.write_bytes(write_capture([bytes(60), bytes(70000)]))
        rows = tshark.columns(path, ["frame.len", "frame.time_epoch", "frame.encap_type"])
        assert rows == [["60", "0.000000000", "1"], ["70000", "0.000001000", "1"]]

    @pytest.mark.parametrize(
        "capture",
        [
            *TestProperties.VALID,
            classic(*map(whole, FRAMES), magic=0xA1B2CD34, after_record=bytes(8)),
        ],
    )
    def test_tshark_reads_what_we_read(self, tmp_path: Path, capture: bytes) -> None:
        path = tmp_path / "made.capture"
        path.write_bytes(capture)
        lengths = [int(length) for (length,) in tshark.columns(path, ["frame.len"])]
        assert [len(frame) for frame in data_of(capture)] == lengths

    def test_what_is_no_capture_is_refused(self) -> None:
        with pytest.raises(RefusedError, match=r"not a pcap .* begins with b'This'"):
            read_capture((CAPTURES / "http.bad-pcap").read_bytes())

    @pytest.mark.parametrize("cut", [1, 54, 1000])
    def test_a_cut_one_names_the_packet(self, cut: int) -> None:
        capture = (CAPTURES / "http.pcap").read_bytes()
        with pytest.raises(
            RefusedError, match=r"packet \d\d, at byte \d+: the capture ends within"
        ):
            read_capture(capture[:-cut])
