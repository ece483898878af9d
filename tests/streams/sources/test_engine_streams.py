"""One of the streams that the engine's client writes.

A frame of 60 bytes has 64 with its check sequence, and takes 84 byte times of a line.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.sources.engine_streams import chosen


def stream(**more: Any) -> dict[str, Any]:
    return {"flags": 3, "packet": {"binary": "AAAA"}} | more


@pytest.mark.parametrize(
    ("rate", "gap"),
    [
        ({"type": "pps", "value": 4}, Fraction(1, 4)),
        ({"type": "bps_L2", "value": 512}, Fraction(1)),
        ({"type": "bps_L1", "value": 1344}, Fraction(1, 2)),
        ({"type": "percentage", "value": 10}, None),
        ({"type": "pps", "value": 0}, None),
        ({}, None),
    ],
)
def test_the_gap_of_a_rate(rate: dict[str, Any], gap: Fraction | None) -> None:
    given = chosen([stream(mode={"type": "continuous", "rate": rate})], None)
    assert given.gap(60) == gap
    assert given.count is None


@pytest.mark.parametrize(
    ("mode", "count", "burst"),
    [
        ({"type": "single_burst", "total_pkts": 6}, 6, 6),
        ({"type": "multi_burst", "pkts_per_burst": 6, "count": 2}, 12, 6),
    ],
)
def test_bursts(mode: dict[str, Any], count: int, burst: int) -> None:
    given = chosen([stream(mode=mode)], None)
    assert (given.count, given.burst) == (count, burst)


def test_what_the_engine_would_do_besides() -> None:
    given = chosen([stream(flags=0, mode={"rate": {"type": "percentage", "value": 1}})], None)
    assert [note.partition(" ")[0] for note in given.notes] == ["the", "the"]
    assert "MAC addresses" in given.notes[0]
    assert "--rate" in given.notes[1]


def test_streams_by_name_and_number() -> None:
    streams = [stream(name="a"), stream(id=7, random_seed=5), stream()]
    assert chosen(streams, "7").random_seed == 5
    assert chosen(streams, "2").random_seed is None
    with pytest.raises(RefusedError, match="3 streams; choose one with --stream: a, 7, 2"):
        chosen(streams, None)
    with pytest.raises(RefusedError, match="no stream 'b'; there are a, 7, 2"):
        chosen(streams, "b")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"mode": {"type": "single_burst"}}, "it has no 'total_pkts'"),
        ({"mode": "fast"}, "not one of TRex"),
        ({"flags": "many"}, "not one of TRex"),
    ],
)
def test_what_is_no_stream(more: dict[str, Any], problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        chosen([stream(**more)], None)
