from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.streams.graph import rate_graph
from scapy_server.streams.rates import Rates
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Stream
from tests.streams.support import FRAME, burst, bursts, continuous, counted, packet, stream

LINE = 1e10
SHORT = packet(FRAME[:60])


def switches(*streams: Stream) -> list[tuple[float, float]]:
    graph = rate_graph(streams, LINE)
    return [(round(switch.time, 6), switch.change.pps) for switch in graph.switches]


def test_bursts_switch_on_and_off() -> None:
    single = stream(mode=burst(50, 1000), isg=1000.5)
    assert switches(single) == [(1000.5, 1), (50000.5, -1)]
    assert switches(stream(mode=bursts(10, 3, 5000, 1000))) == [(0, 1), (42000, -1)]
    assert switches(stream(mode=bursts(10, 0, 5000, 1000))) == [(0, 1), (0, -1)]
    assert switches(stream(mode=burst(1000, 1000))) == [(0, 1000), (999000, -1000)]


def test_a_chain_follows_the_end_of_each_burst() -> None:
    chain = stream(1, mode=burst(3, 10), next_stream_id=2), stream(2, mode=continuous(5), isg=7)
    assert switches(*chain) == [(0, 1), (7, 5), (200000, -1), (200007, 5)]


def test_peaks_are_taken_one_by_one() -> None:
    graph = rate_graph([stream(1), stream(2, flags=11)], LINE)
    assert graph.variable.pps == 200
    assert graph.duration is None
    assert rate_graph([stream(1, mode=burst(5)), stream(2, mode=burst(5))], LINE).variable == (
        Rates(2, 224, 544)
    )


def test_latency_streams_are_summed_apart() -> None:
    graph = rate_graph([stream(1), stream(2, flow_stats=counted(7, "latency"))], LINE)
    assert graph.fixed == graph.variable
    assert [switch.stream_id for switch in graph.switches] == [1]


def test_a_ring_has_no_end() -> None:
    ring = [
        stream(1, mode=burst(5), next_stream_id=2),
        stream(2, mode=burst(5), self_start=False, next_stream_id=1),
    ]
    graph = rate_graph(ring, LINE)
    assert graph.duration is None
    assert len(graph.switches) == 4


@pytest.mark.parametrize("following", [[], [stream(5, enabled=False)]])
def test_a_stream_that_leads_nowhere_is_refused(following: list[Stream]) -> None:
    with pytest.raises(StreamRefused) as refusal:
        rate_graph([stream(1, mode=burst(5), next_stream_id=5), *following], LINE)
    assert refusal.value.engine_text == "stream id 5 does not exists"


def test_the_report_is_that_of_validate() -> None:
    report = rate_graph([stream(packet=SHORT)], LINE).report()
    assert report["rate"]["max_pps"] == 100
    assert report["rate"]["max_line_util"] == pytest.approx(0.0006720672)
    assert report["rate"]["min_bps_l1"] == 0
    assert report["graph"]["expected_duration"] == -1
    assert report["graph"]["events_count"] == 1
    assert report["graph"]["events"][0]["stream_id"] == 1
    nothing = rate_graph([stream(enabled=False)], LINE).report()
    assert set(nothing["rate"].values()) == {0}
    assert nothing["graph"] == {"expected_duration": 0, "events_count": 0, "events": []}


def test_walks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = limits.Limit(3, limits.RATE_GRAPH_STEPS.unit, limits.RATE_GRAPH_STEPS.meaning)
    monkeypatch.setattr(limits, "RATE_GRAPH_STEPS", bound)
    three = [stream(number) for number in range(3)]
    assert rate_graph(three, LINE).variable.pps == 300
    with pytest.raises(RefusedError, match="at most 3 streams"):
        rate_graph([*three, stream(4)], LINE)
