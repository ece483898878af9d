from __future__ import annotations

import math

import pytest

from scapy_server.streams.division import Share, active_cores, divide, update_gap
from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.refusals import StreamRefused
from tests.streams.support import burst, bursts, counted, raw_stream, stream

LINE = 1e10


def test_masks_select_cores() -> None:
    assert active_cores((1 << 64) - 1, 3) == (0, 1, 2)
    assert active_cores(0b110, 3) == (1, 2)
    with pytest.raises(StreamRefused) as refusal:
        active_cores(0b1000, 3)
    assert refusal.value.engine_text == "core_mask: '0x8' for 3 cores generates an empty set"
    assert refusal.value.parameter


def test_a_burst_with_a_remainder() -> None:
    shares = divide([stream(mode=bursts(5, 4, 1000, 1000), isg=50)], 1.0, LINE, (0, 1, 2))
    (zero,), (one,), (two,) = shares[0], shares[1], shares[2]
    assert [share.packets for share in (zero, one, two)] == [2, 2, 1]
    assert [share.pre for share in (zero, one, two)] == [0.0, 0.001, 0.002]
    assert [share.post for share in (zero, one, two)] == [0.001, 0.0, 0.002]
    assert zero.gap == 1 / (1000.0 * (1 / 3))
    assert (zero.isg, zero.ibg, zero.bursts) == (50 / 1e6, 1000 / 1e6, 4)
    assert [(share.index, share.parts) for share in (zero, one, two)] == [(0, 3), (1, 3), (2, 3)]


def test_a_small_burst_is_sent_by_the_first_active_core() -> None:
    shares = divide([stream(mode=burst(2))], 1.0, LINE, (1, 2, 3))
    assert shares[0] == []
    assert [share.sends for share in (shares[1][0], shares[2][0], shares[3][0])] == [
        True,
        False,
        False,
    ]
    assert shares[2][0].packets == 2
    assert shares[2][0].gap == 0.01


def test_pinned_streams_count_among_the_active_cores() -> None:
    pinned = read_stream(1, raw_stream(core_id=1), Capabilities(4))
    shares = divide([pinned], 1.0, LINE, (1, 2))
    assert [share.sends for share in (shares[1][0], shares[2][0])] == [False, True]
    with pytest.raises(StreamRefused) as refusal:
        divide([pinned], 1.0, LINE, (3,))
    assert "between 0 and 0" in refusal.value.engine_text


def test_measured_streams_are_whole_on_the_first_core_at_their_own_rate() -> None:
    measured = stream(1, flow_stats=counted(1, "latency"))
    shares = divide([measured, stream(2)], 10.0, LINE, (1,))
    assert shares[0] == [Share(measured, 0, 0.01, 0.0, 0)]
    assert [share.stream.stream_id for share in shares[1]] == [2]


def test_measured_streams_come_last_and_disabled_ones_not_at_all() -> None:
    measured = stream(1, flow_stats=counted(1, "latency"))
    streams = [measured, stream(2), stream(3, enabled=False), stream(4, flags=11)]
    (shares,) = divide(streams, 1.0, LINE, (0,)).values()
    assert [share.stream.stream_id for share in shares] == [2, 4, 1]
    assert [share.sends for share in shares] == [True, False, True]


def test_rates_beyond_numbers() -> None:
    (share,) = divide([stream()], math.inf, LINE, (0,))[0]
    assert share.gap == 0.0
    assert update_gap(stream(), 2.0, LINE, 3) == 3 / 200.0
