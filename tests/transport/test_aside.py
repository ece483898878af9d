from __future__ import annotations

import select
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from scapy_server.transport.aside import Aside
from tests.running import PATIENCE


@pytest.fixture
def aside() -> Iterator[Aside]:
    with closing(Aside()) as aside:
        yield aside


def rung(aside: Aside) -> bool:
    poll = select.poll()
    poll.register(aside.fileno(), select.POLLIN)
    return bool(poll.poll(1000 * PATIENCE))


def test_it_is_done_by_somebody_else_who_says_whose_it_was(aside: Aside) -> None:
    future = aside.start(7, threading.get_ident)
    assert rung(aside)
    assert aside.done() == [7]
    assert future.result() != threading.get_ident()


def test_one_thing_is_done_after_the_other(aside: Aside) -> None:
    may_end, order = threading.Event(), []

    def first() -> None:
        may_end.wait(PATIENCE)
        order.append(1)

    futures = [aside.start(1, first), aside.start(2, lambda: order.append(2))]
    may_end.set()
    for future in futures:
        future.result(PATIENCE)
    assert order == [1, 2]


def test_what_fails_is_done_too(aside: Aside) -> None:
    def fail() -> None:
        raise ValueError("it was not sealed")

    future = aside.start(3, fail)
    assert rung(aside)
    assert aside.done() == [3]
    with pytest.raises(ValueError, match="not sealed"):
        future.result()
