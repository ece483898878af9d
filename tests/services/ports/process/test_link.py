"""Data planes in processes of their own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.plane.counters import Counter, Rate
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.process.channel import Opening
from scapy_server.services.ports.process.link import ProcessLink, _patience
from tests.running import PATIENCE
from tests.services.ports.rig import burst, continuous, frame, stream

pytestmark = pytest.mark.processes


def opening(*lines: dict[str, str], virtual: bool = False) -> Opening:
    kinds = list(lines) or [{"kind": "loop"}, {"kind": "loop"}]
    count = len(kinds)
    return Opening(list(range(count)), kinds, [1e10] * count, 1, 0xFC00, 0, 1, 1, virtual)


@pytest.fixture
def link() -> Iterator[ProcessLink]:
    link = ProcessLink(opening(), time.monotonic)
    yield link
    link.close()


@pytest.fixture
def fast() -> Iterator[ProcessLink]:
    fast = ProcessLink(opening(virtual=True), lambda: 0.0)
    yield fast
    fast.close()


def start(link: ProcessLink, mode: dict[str, object], run: int = 1, port: int = 0) -> float:
    plan = c.StreamPlan(1, stream(mode), frame())
    reply = link.ask(c.Start(port, "_", run, 1.0, 1, [plan]))
    assert isinstance(reply, c.Done)
    return reply.time


def events(link: ProcessLink, count: int) -> list[c.Event]:
    """The next things that happen."""
    found: list[c.Event] = []
    end = time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < end, found
        found += link.news()
        time.sleep(0.01)
    return found


def event(link: ProcessLink) -> c.Event:
    """The next thing that happens."""
    return events(link, 1)[0]


def test_a_burst_keeps_time_and_is_counted(link: ProcessLink) -> None:
    begun = start(link, burst(200, 1000.0))
    finished = event(link)
    assert isinstance(finished, c.Finished)
    # Never early; how late is for the machine to say, and bench/ to measure.
    assert finished.time - begun >= 0.199 - 1e-6
    assert link.counters.ports[:, [Counter.SENT, Counter.RECEIVED]].tolist() == [
        [200, 0],
        [0, 200],
    ]


def test_what_is_told_beside_an_answer_is_news(link: ProcessLink) -> None:
    start(link, burst(1, 1000.0))
    end = time.monotonic() + PATIENCE
    while not link.has_news:  # ask, until the end of the burst comes with an answer
        assert time.monotonic() < end
        link.ask(c.Pause(0, "_", False))
    assert [type(each) for each in link.news()] == [c.Finished]
    assert not link.has_news


def test_a_virtual_clock_does_not_wait(fast: ProcessLink) -> None:
    wall = time.monotonic()
    start(fast, burst(60_000, 100.0))
    finished = event(fast)
    assert isinstance(finished, c.Finished)
    assert finished.time == pytest.approx(599.99)
    assert time.monotonic() - wall < finished.time
    assert fast.counters.ports[1, Counter.RECEIVED] == 60_000
    assert fast.counters.clock[0] >= 599.99
    assert fast.counters.rates[0, Rate.TX_PPS] == 0


def test_what_is_started_together_starts_at_one_virtual_moment(fast: ProcessLink) -> None:
    begun = [start(fast, burst(10_000, 1000.0), run, port) for run, port in ((1, 0), (2, 1))]
    assert begun[0] == begun[1]
    times = [each.time for each in events(fast, 2) if isinstance(each, c.Finished)]
    assert times[0] == times[1]


def test_what_has_no_end_goes_at_the_pace_of_the_wall(fast: ProcessLink) -> None:
    start(fast, continuous(1000.0))
    end = time.monotonic() + PATIENCE
    while fast.counters.ports[0, Counter.SENT] < 100 and time.monotonic() < end:
        time.sleep(0.01)
    assert 100 <= fast.counters.ports[0, Counter.SENT] < 100_000
    assert isinstance(fast.ask(c.Stop(0, "_")), c.Done)


def test_a_process_that_is_killed_is_replaced(link: ProcessLink) -> None:
    start(link, continuous(100.0))
    os.kill(link.pid, signal.SIGKILL)
    end = time.monotonic() + PATIENCE
    while not link.is_dead and time.monotonic() < end:
        link.news()
        time.sleep(0.01)
    assert isinstance(link.ask(c.Stop(0, "_")), c.Refused)
    sent = int(link.counters.ports[0, Counter.SENT])
    link.revive()
    while link.lost and time.monotonic() < end + PATIENCE:
        link.news()
        time.sleep(0.01)
    assert link.restarts == 1
    start(link, burst(10))
    assert isinstance(event(link), c.Finished)
    assert link.counters.ports[0, Counter.SENT] >= sent + 10


def test_a_line_that_does_not_open_is_said(tmp_path: Path) -> None:
    missing = str(tmp_path / "no" / "such.pcap")
    with pytest.raises(LineError, match=r"such\.pcap: No such file"):
        ProcessLink(opening({"kind": "pcap", "file": missing}), time.monotonic)


def test_nothing_is_left_of_it(link: ProcessLink) -> None:
    pid = link.pid
    link.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    link._memory = os.open(os.devnull, os.O_RDONLY)  # for the fixture to close


def test_many_streams_may_take_long_to_be_started() -> None:
    few, many = (
        _patience(c.Start(0, "_", 1, 1.0, 1, [c.StreamPlan(1, {}, b"")] * count))
        for count in (1, 20_000)
    )
    assert _patience(c.Queue(0)) < few < 6
    assert many > 40
