from __future__ import annotations

import asyncio

import pytest

from scapy_server.desk.errors import DeskError
from scapy_server.web import work as module
from scapy_server.web.work import Works


def test_work_is_shown_once_it_is_long_and_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("scapy_server.web.work.time.monotonic", lambda: now[0])
    works = Works()
    with works.begin("Filtering", 200) as work:
        assert works.long() == []
        now[0] += module.SHOWN_AFTER
        assert works.long() == [work]
        assert asyncio.run(work.step(50))
        assert work.share == 0.25
    assert works.long() == []


def test_another_thread_says_how_far_it_is_until_it_is_to_end() -> None:
    with Works().begin("Reopening") as work:
        work.tell(5, 20)
        assert work.share == 0.25
        work.cancel()
        with pytest.raises(DeskError, match="Reopening: cancelled"):
            work.tell(6, 20)


def test_work_that_is_cancelled_ends_at_its_next_step() -> None:
    with Works().begin("Reading") as work:
        assert work.share is None
        assert asyncio.run(work.step())
        work.cancel()
        assert not asyncio.run(work.step())


def test_work_that_fails_is_over() -> None:
    works = Works()
    with pytest.raises(ValueError, match="so"), works.begin("Reading"):
        raise ValueError("so")
    assert works.long() == []


def test_what_is_waited_for_can_be_given_up() -> None:
    async def story() -> None:
        works, never = Works(), asyncio.Event()
        assert await works.wait("Asking", asyncio.sleep(0, "answer")) == "answer"

        async def give_up() -> None:
            await asyncio.sleep(0)
            works._works[0].cancel()

        giving_up = asyncio.ensure_future(give_up())
        with pytest.raises(DeskError, match="Asking: cancelled"):
            await works.wait("Asking", never.wait())
        await giving_up
        assert works._works == []
        waiting = asyncio.ensure_future(works.wait("Asking", never.wait()))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(story())
