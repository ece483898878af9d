"""The search over all layers."""

from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.web.known import Known
from scapy_server.web.panes.append_box import AppendBox
from scapy_server.web.seat import Seat
from tests.web.panes.shown import ids, shown, type_over
from tests.web.simulated import until


def box(seat: Seat) -> AppendBox:
    return AppendBox(seat, Known(seat.link))


def test_the_better_fit_comes_first() -> None:
    async def story(user: User, seat: Seat, pane: AppendBox) -> None:
        await pane._known.load()
        for text, first in (("IP", "IP"), ("ip", "IP"), ("tcp", "TCP"), ("ether", "Ether")):
            assert pane.hits(text)[0] == first
            assert len(set(pane.hits(text))) == len(pane.hits(text))
        assert pane.hits("zzzz") == []

    shown(box, story)


def test_enter_appends_the_first_hit() -> None:
    async def story(user: User, seat: Seat, pane: AppendBox) -> None:
        await pane._known.load()
        type_over(user, "Search layers", "UDP")
        await until(lambda: len(ids(seat)) == 5)
        assert ids(seat)[-1] == "UDP"
        assert [step.label for step in seat.document.history.past][-1] == "append UDP"

    shown(box, story)


def test_a_layer_goes_before_another_once() -> None:
    async def story(user: User, seat: Seat, pane: AppendBox) -> None:
        await pane._known.load()
        pane.insert_before(1)
        type_over(user, "Search layers", "Dot1Q")
        await until(lambda: ids(seat) == ["Ether", "Dot1Q", "IP", "UDP", "Raw"])
        type_over(user, "Search layers", "Raw")
        await until(lambda: ids(seat)[-2:] == ["Raw", "Raw"])

    shown(box, story)


def test_what_is_no_layer_is_said() -> None:
    async def story(user: User, seat: Seat, pane: AppendBox) -> None:
        said: list[str] = []
        seat.failed = said.append
        type_over(user, "Search layers", "zzzz")
        await until(lambda: bool(said))
        assert "zzzz" in said[0]
        assert ids(seat) == ["Ether", "IP", "UDP", "Raw"]

    shown(box, story)
