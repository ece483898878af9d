"""Who may ask for metrics at once, and for how long."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from scapy_server.server import scrapes
from scapy_server.server.scrapes import AT_ONCE, Scrapes
from tests.running import PATIENCE
from tests.server.test_metrics import scrape


class One(Collector):
    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("one", "", 1)


@pytest.fixture
def served() -> Iterator[Scrapes]:
    with closing(Scrapes("127.0.0.1", 0, One())) as served:
        yield served


def connected(served: Scrapes, stack: ExitStack) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), PATIENCE)
    return stack.enter_context(connection)


def ended(connection: socket.socket) -> bool:
    with suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return True


def test_what_is_collected(served: Scrapes) -> None:
    assert scrape(served.port)["one"] == {"": 1}


def test_more_than_few_at_once_are_turned_away(served: Scrapes) -> None:
    with ExitStack() as stack:
        idle = [connected(served, stack) for _ in range(AT_ONCE)]
        assert ended(connected(served, stack))
        for each in idle:
            each.close()
        end = time.monotonic() + PATIENCE
        while True:  # until it is seen that they have gone
            assert time.monotonic() < end
            with suppress(OSError):
                assert scrape(served.port)["one"] == {"": 1}
                break


def test_nobody_holds_a_place_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapes, "SECONDS", 0.2)
    with closing(Scrapes("127.0.0.1", 0, One())) as served, ExitStack() as stack:
        slow = connected(served, stack)
        end = time.monotonic() + PATIENCE
        with suppress(ConnectionError):
            while time.monotonic() < end:  # a byte at a time, each of them in time
                slow.sendall(b"G")
                time.sleep(0.05)
        assert ended(slow)
        assert time.monotonic() < end
