from __future__ import annotations

import io

from scapy_server.captures.source import DamagedCapture, Source


def test_bytes_that_were_read_before_come_first() -> None:
    source = Source(io.BytesIO(b"defgh"), b"abc")
    assert [source.take(2), source.take(2), source.take(9), source.take(9)] == [
        b"ab",
        b"cd",
        b"efgh",
        b"",
    ]


def test_it_knows_where_it_is() -> None:
    source = Source(io.BytesIO(b"abcdef"))
    source.take(2)
    assert source.position == 2
    assert source.peek(3) == b"cde"
    assert source.position == 2
    assert source.take(99) == b"cdef"
    assert source.position == 6
    assert source.peek(1) == b""


def test_damage_keeps_what_was_taken() -> None:
    damaged = DamagedCapture("no packet", b"abc")
    assert (damaged.problem, damaged.taken) == ("no packet", b"abc")
