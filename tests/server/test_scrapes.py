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


class Much(Collector):
    """More than a connection takes that nobody reads."""

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("much", "", labels=["text"])
        family.add_metric(["x" * 8_000_000], 1)
        yield family


@pytest.fixture
def served() -> Iterator[Scrapes]:
    with closing(Scrapes("127.0.0.1", 0, One())) as served:
        yield served


def connected(served: Scrapes, stack: ExitStack) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", served.port), PATIENCE)
    return stack.enter_context(connection)


def small_window(served: Scrapes) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    connection.connect(("127.0.0.1", served.port))
    return connection


def ended(connection: socket.socket) -> bool:
    with suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return True


def test_what_is_collected(served: Scrapes) -> None:
    assert scrape(served.port)["one"] == {"": 1}


def test_whoever_does_not_ask_makes_room(served: Scrapes) -> None:
    with ExitStack() as stack:
        idle = [connected(served, stack) for _ in range(AT_ONCE)]
        assert scrape(served.port)["one"] == {"": 1}
        assert ended(idle[0])


def test_whoever_does_not_read_makes_room_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrapes, "READ_SECONDS", 0.3)
    with closing(Scrapes("127.0.0.1", 0, Much())) as served, ExitStack() as stack:
        idle = [stack.enter_context(small_window(served)) for _ in range(AT_ONCE)]
        for each in idle:
            each.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            assert each.recv(1)
        end = time.monotonic() + PATIENCE
        while True:
            assert time.monotonic() < end
            with suppress(OSError):
                assert scrape(served.port)["much"]
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
