"""Signals, sent to this very process."""

from __future__ import annotations

import select
import signal
import threading

import pytest

from scapy_server.process.stop import Stopped, StopSignals

SIGNALS = [signal.SIGINT, signal.SIGTERM]


@pytest.mark.parametrize("number", SIGNALS)
def test_while_starting_a_signal_unwinds(number: int) -> None:
    with StopSignals() as stop:
        with pytest.raises(Stopped):
            signal.raise_signal(number)
        assert stop.requested


@pytest.mark.parametrize("number", SIGNALS)
def test_while_serving_the_first_waits_and_the_second_unwinds(number: int) -> None:
    with StopSignals() as stop:
        stop.serving()
        assert stop.poll_on is not None
        assert select.select([stop.poll_on], [], [], 0)[0] == []
        signal.raise_signal(number)
        assert stop.requested
        assert select.select([stop.poll_on], [], [], 10)[0] == [stop.poll_on]
        with pytest.raises(Stopped):
            signal.raise_signal(number)


def test_a_signal_that_was_swallowed_is_not_forgotten() -> None:
    with StopSignals() as stop:
        with pytest.raises(Stopped):
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Stopped):
            stop.serving()


def test_no_exception_handler_eats_it() -> None:
    assert not issubclass(Stopped, Exception)


def test_earlier_handlers_come_back() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with StopSignals() as stop:
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before
    assert stop.poll_on is None
    wakeup = signal.set_wakeup_fd(-1)
    assert wakeup == -1


def test_another_thread_catches_nothing() -> None:
    seen: list[object] = []

    def run() -> None:
        with StopSignals() as stop:
            seen.append(stop.poll_on)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [None]
