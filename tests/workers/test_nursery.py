"""The zygote as the pool sees it, played by the test."""

from __future__ import annotations

import os
from typing import cast

import pytest

from scapy_server.workers.backoff import Backoff
from scapy_server.workers.channel import MethodFacts, WireError
from scapy_server.workers.nursery import FORK_SECONDS, LOAD_SECONDS, Nursery
from scapy_server.workers.zygote_handle import ZygoteHandle
from tests.workers.test_pool import PlayedZygote


class House:
    """A nursery, the zygotes that it was given, and which were to be fresh."""

    def __init__(self) -> None:
        self.zygotes: list[PlayedZygote] = []
        self.fresh: list[bool] = []
        self.broken = False
        self.nursery = Nursery(self._connect, Backoff())

    def _connect(self, fresh: bool) -> ZygoteHandle:
        if self.broken:
            raise OSError(24, "Too many open files")
        self.fresh.append(fresh)
        self.zygotes.append(PlayedZygote())
        return cast(ZygoteHandle, self.zygotes[-1])


@pytest.fixture
def house() -> House:
    return House()


def test_methods_are_known_as_the_zygote_reports_them(house: House) -> None:
    nursery = house.nursery
    assert not nursery.knows("start")
    assert list(nursery.reports())
    assert (nursery.knows("start"), nursery.knows("nope")) == (True, False)
    assert nursery.method("start") == MethodFacts("start", repeatable=False)
    assert nursery.method("nope") == MethodFacts("")


def test_what_was_known_stays_known_while_there_is_no_zygote(house: House) -> None:
    nursery = house.nursery
    list(nursery.reports())
    nursery.lose(0.0)
    assert nursery.knows("build_pkt")
    assert list(nursery.reports()) == []
    assert (nursery.loaded, nursery.failure) == (False, None)
    with pytest.raises(WireError, match="no zygote"):
        nursery.fork(1)
    nursery.kill(7)


def test_a_lost_zygote_is_replaced_by_a_fresh_one(house: House) -> None:
    house.nursery.seek(0.0)
    assert house.fresh == [False]
    house.nursery.lose(0.0)
    house.nursery.seek(0.0)
    assert house.fresh == [False, True]
    assert house.nursery.loaded


def test_zygotes_that_are_lost_again_and_again_wait(house: House) -> None:
    tries = 0
    while len(house.fresh) == 1 + tries:
        house.nursery.lose(0.0)
        house.nursery.seek(0.0)
        tries += 1
        assert tries < 100
    assert not house.nursery.loaded
    house.nursery.seek(1000.0)
    assert house.nursery.loaded


def test_one_that_cannot_be_started_is_tried_again_later(house: House) -> None:
    house.nursery.lose(0.0)
    house.broken = True
    house.nursery.seek(0.0)
    assert not house.nursery.loaded
    house.broken = False
    house.nursery.seek(1000.0)
    assert house.nursery.loaded


def test_one_that_loads_or_forks_too_slowly_is_a_problem(house: House) -> None:
    nursery, zygote = house.nursery, house.zygotes[0]
    zygote.loaded = False
    assert nursery.problem(None, LOAD_SECONDS) is None
    assert nursery.problem(None, LOAD_SECONDS + 0.1) == "the zygote was not ready in time"
    zygote.loaded, zygote.pid = True, os.getpid()
    assert nursery.problem(None, 1e9) is None
    assert nursery.problem(0.0, FORK_SECONDS) is None
    assert nursery.problem(0.0, FORK_SECONDS + 0.1) == "the zygote does not fork"
