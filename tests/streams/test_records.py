from __future__ import annotations

import io
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.reading import read_capture
from scapy_server.engine.captures import Layout, Pcap, Pcapng
from scapy_server.streams import records
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.records import Due, Recorder
from scapy_server.streams.stream import Stream
from scapy_server.streams.traffic import Traffic
from tests.streams.recordings import generated, sent_by, traffic_of
from tests.streams.support import FRAME, continuous, packet, stream

WITH_CUTS = [name for name, case in generated().items() if "trim" in case["tags"]]


def traffic(*streams: Stream, duration: float = 0.1) -> Traffic:
    made = Traffic()
    for each in streams:
        made.add_stream(0, "_", each)
    made.start(0, duration=duration)
    return made


@pytest.mark.parametrize("layout", [Pcap(nano=True), Pcapng(nano=True)])
@pytest.mark.parametrize("name", ["fuzz_39", "fuzzg_5", "mc3_multi5_1000_4", *WITH_CUTS[:3]])
def test_records_are_the_packets_in_order(name: str, layout: Layout) -> None:
    case = generated()[name]
    if "refused" in case:
        return
    file = io.BytesIO(layout.prefix)
    file.seek(0, io.SEEK_END)
    for made in Recorder(traffic_of(case), layout).blocks():
        file.write(made.records)
    every = [sent for sent, _ in sent_by(traffic_of(case), case["cores"]).values()]
    expected = sorted(
        (
            (time, core, place, frame)
            for core, sent in enumerate(every)
            for place, (time, _, _, frame) in enumerate(sent)
        ),
    )
    assert [f.data for f in read_capture(file.getvalue())] == [frame for *_, frame in expected]


def test_times_are_whole_nanoseconds() -> None:
    due = Due(np.array([5e-9, 1.9999999999999998, 333.333333333333]))
    base, ticks = due.ticks(0, 3, 1_000_000_000)
    assert (base, ticks.tolist()) == (0, [5, 1_999_999_999, 333_333_333_333])
    base, ticks = due.ticks(1, 2, 1_000_000)
    assert [base + each for each in ticks.tolist()] == [1_999_999, 333_333_333]
    base, ticks = due.ticks(1, 1, 1_000_000_000)
    assert (base, ticks.tolist()) == (1_000_000_000, [999_999_999])


@given(st.integers(1, 30))
def test_no_more_packets_than_asked_for(most: int) -> None:
    recorder = Recorder(traffic(stream(1), stream(2)), Pcap())
    blocks = list(recorder.blocks(most))
    assert sum(len(made.block) for made in blocks) == min(most, 22)


def test_ports_are_chosen() -> None:
    made = Traffic()
    for port in (0, 1):
        made.add_stream(port, "_", stream(1, packet=packet(FRAME[:-port] if port else FRAME)))
        made.start(port, mul=Multiplier(), duration=0.1)
    recorder = Recorder(made, Pcap())
    block = made.schedule.take()
    part = block.where(recorder.of_ports(block, {1}))
    assert recorder.recorded(part).lengths.tolist() == [len(FRAME) - 1] * 11


def test_frames_are_those_of_the_records() -> None:
    made = traffic(stream(1), stream(2))
    recorder = Recorder(made, Pcap())
    block = made.schedule.take(10)
    data = Pcap().prefix + bytes(recorder.recorded(block).records)
    assert recorder.frames(block) == [f.data for f in read_capture(data)]


def test_what_is_kept_prepared_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEPT_BYTES", 4000)
    many: list[Any] = [stream(n, mode=continuous(50 + n)) for n in range(40)]
    recorder = Recorder(traffic(*many, duration=1.0), Pcap())
    for _ in recorder.blocks():
        assert sum(rows.nbytes for rows in recorder._kept.values()) <= 4000 + 256 * 82


def test_memory_does_not_grow_with_time() -> None:
    made = traffic(stream(1, mode=continuous(1e6)), stream(2, mode=continuous(7e5)), duration=0)
    blocks = Recorder(made, Pcap()).blocks()
    next(blocks)
    next(blocks)
    tracemalloc.start()
    for _ in range(20):
        next(blocks)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 << 20
