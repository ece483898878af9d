from __future__ import annotations

import pytest
from nicegui.testing.user import User

from scapy_server.web import work as module
from scapy_server.web.panes.work_bar import WorkBar, words_of
from scapy_server.web.seat import Seat
from scapy_server.web.work import Work
from tests.web.panes.shown import shown


def test_long_work_is_shown_and_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHOWN_AFTER", 0.0)

    async def story(user: User, seat: Seat, bar: WorkBar) -> None:
        with seat.opened.works.begin("Filtering packets", 4000) as work:
            work.done = 1000
            bar.show()
            await user.should_see("Filtering packets: 1,000 of 4,000")
            user.find("Cancel").click()
            assert work.is_cancelled
            [(_, progress)] = bar._lines
            assert not progress.props["indeterminate"]
            work.total = None
            bar.show()
            assert progress.props["indeterminate"]
        bar.show()
        await user.should_not_see("Filtering packets")

    shown(lambda seat: WorkBar(seat.opened.works), story)


def test_work_without_a_known_end() -> None:
    work = Work("Reading trace.pcap")
    work.done = 2000
    assert words_of(work) == "Reading trace.pcap: 2,000"
    assert words_of(Work("IP.ttl = 9")) == "IP.ttl = 9"
