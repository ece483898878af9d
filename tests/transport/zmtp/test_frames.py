"""Frames, against bytes that the documents show, and any stream cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.transport.zmtp.frames import (
    COMMAND,
    LONG,
    MORE,
    Cut,
    Frame,
    FrameReader,
    ProtocolError,
    header,
)

MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("size", "flags", "old", "expected"),
    [
        (0, 0, False, "0000"),
        (5, MORE, False, "0105"),
        (255, COMMAND, False, "04ff"),
        (256, 0, False, "020000000000000100"),
        (0, 0, True, "0100"),
        (253, MORE, True, "fe01"),
        (254, 0, True, "ff00000000000000ff00"),
    ],
)
def test_headers(size: int, flags: int, old: bool, expected: str) -> None:
    assert header(size, flags, old).hex() == expected


FRAMES = st.lists(st.tuples(st.sampled_from([0, MORE]), st.integers(0, 700).map(bytes)), max_size=8)


@given(FRAMES, st.booleans(), st.integers(1, 50))
def test_what_is_framed_comes_back_however_it_is_cut(
    frames: list[tuple[int, bytes]], old: bool, step: int
) -> None:
    stream = b"".join(header(len(body), flags, old) + body for flags, body in frames)
    reader = FrameReader(1000, old)
    found = []
    for start in range(0, len(stream), step):
        reader.feed(stream[start : start + step])
        while (frame := reader.next()) is not None:
            found.append((frame.flags & ~LONG, frame.body))
    assert found == frames
    assert reader.waiting == 0


@pytest.mark.parametrize("step", [300_000, 10_000_000])
def test_a_long_frame_comes_back_between_others(step: int) -> None:
    long = bytes(range(256)) * 8192
    reader = FrameReader(len(long))
    stream = b"".join(header(len(each), 0) + each for each in (b"a", long, b"b", long, b"c"))
    found = []
    for start in range(0, len(stream), step):
        reader.feed(stream[start : start + step])
        while (frame := reader.next()) is not None:
            found.append(bytes(frame.body))
    assert found == [b"a", long, b"b", long, b"c"]
    assert reader.waiting == 0


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("step", [70_000, 1_100_000])
def test_of_a_frame_that_is_given_up_the_ends_come_in_its_turn(step: int, old: bool) -> None:
    long = b"start".ljust(2 * MIB, b".") + b"end"
    reader = FrameReader(len(long), old)
    stream = b"".join(header(len(each), 0, old) + each for each in (b"a", long, b"b", long))
    found, freed, most = [], 0, 0
    for start in range(0, len(stream), step):
        reader.feed(stream[start : start + step])
        while (frame := reader.next()) is not None:
            found.append(frame.body)
        freed += reader.give_up()
        most = max(most, reader.waiting)
    assert found == [b"a", long[:1024] + long[-1024:], b"b", long[:1024] + long[-1024:]]
    assert [isinstance(body, Cut) for body in found] == [False, True, False, True]
    assert freed > 2 * MIB
    assert most <= MIB
    assert reader.waiting == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        header(2 * MIB, 0),
        header(2 * MIB, 0) + bytes(MIB // 2),
        header(2 * MIB, MORE) + bytes(2 * MIB - 1),
        header(2 * MIB, COMMAND) + bytes(2 * MIB - 1),
        header(2 * MIB, 0) + bytes(2 * MIB),
    ],
    ids=["nothing", "a head", "little", "not the last", "a command", "a whole frame"],
)
def test_what_is_not_given_up(sent: bytes) -> None:
    reader = FrameReader(4 * MIB)
    reader.feed(sent)
    assert reader.give_up() == 0
    assert reader.waiting == len(sent)


def test_a_command_has_a_bound_of_its_own() -> None:
    reader = FrameReader(1000)
    reader.longest_command = 10
    reader.feed(header(10, COMMAND) + bytes(10) + header(11, 0) + bytes(11) + header(11, COMMAND))
    assert reader.next() is not None
    assert reader.next() is not None
    with pytest.raises(ProtocolError, match="a command of 11 bytes"):
        reader.next()


def test_a_frame_of_an_envelope_has_a_bound_of_its_own() -> None:
    reader = FrameReader(1000)
    reader.longest_of_more = 10
    reader.feed(header(10, MORE) + bytes(10) + header(11, 0) + bytes(11) + header(11, MORE))
    assert reader.next() is not None
    assert reader.next() is not None
    with pytest.raises(ProtocolError, match="11 bytes in an envelope"):
        reader.next()


@pytest.mark.parametrize("old", [False, True])
def test_too_long_a_frame_is_refused_by_its_head(old: bool) -> None:
    reader = FrameReader(1000, old)
    reader.feed(header(1000, 0, old) + bytes(1000))
    assert reader.next() is not None
    reader.feed(header(1001, 0, old))
    with pytest.raises(ProtocolError, match="1001 bytes, 1000 are allowed"):
        reader.next()


def test_a_frame_without_flags_is_none() -> None:
    reader = FrameReader(1000, old=True)
    reader.feed(b"\0\0")
    with pytest.raises(ProtocolError, match="without flags"):
        reader.next()


def test_bytes_can_be_taken_as_they_are() -> None:
    reader = FrameReader(1000)
    reader.feed(b"abcd")
    assert reader.peek(5) is None
    assert reader.peek(2) == b"ab"
    assert reader.take(3) == b"abc"
    assert reader.take(2) is None
    reader.feed(b"\0\0")
    assert reader.take(1) == b"d"
    assert reader.next() == Frame(0, b"")
