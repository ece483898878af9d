from __future__ import annotations

import pytest
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.known import Known
from scapy_server.web.panes.packets import grid as module
from scapy_server.web.panes.packets.grid import ROWS, PacketGrid
from scapy_server.web.panes.packets.row import HEIGHT
from scapy_server.web.seat import Seat
from tests.web.panes.packets.listed import fill, lives
from tests.web.panes.shown import shown
from tests.web.simulated import until

COUNT = 5000


def grid(seat: Seat) -> PacketGrid:
    made = PacketGrid(fill(seat, COUNT - 1), Known(seat.link))
    seat.opened.listen(made.show)
    made.show()
    return made


def test_only_what_is_in_view_has_rows_and_is_dissected() -> None:
    async def story(user: User, seat: Seat, pane: PacketGrid) -> None:
        assert [row.position for row in pane._rows] == list(range(ROWS))
        UserInteraction(user, {pane._grid}, None).trigger("scroll", [3000 * HEIGHT, 500])
        assert 3000 in pane._view()
        assert len(pane._rows) == ROWS
        await until(lambda: all(seat.document.at(at).layers for at in pane._view()))
        assert not seat.document.at(1500).layers
        UserInteraction(user, {pane._grid}, None).trigger("scroll", [COUNT * HEIGHT - 500, 500])
        assert pane._view()[-1] == COUNT - 1

    shown(grid, story)


def test_a_list_longer_than_a_browser_scrolls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_PIXELS", 2000)

    async def story(user: User, seat: Seat, pane: PacketGrid) -> None:
        person = UserInteraction(user, {pane._grid}, None)
        person.trigger("scroll", [750, 500])
        assert COUNT // 2 in pane._view()
        person.trigger("scroll", [1500, 500])
        assert pane._view()[-1] == COUNT - 1
        person.trigger("scroll", [0, 500])
        assert pane._view()[0] == 0

    shown(grid, story)


def test_keys_walk_and_select() -> None:
    async def story(user: User, seat: Seat, pane: PacketGrid) -> None:
        person = UserInteraction(user, {pane._grid}, None)

        async def press(key: str, position: int, **held: bool) -> None:
            person.trigger("keydown", {"key": key, **held})
            await until(lambda: seat.document.position == position)

        await press("ArrowDown", 1)
        await press("PageDown", 21)
        await press("End", COUNT - 1)
        await press("Home", 0)
        await press("ArrowDown", 1)
        await press("ArrowDown", 2, shiftKey=True)
        await press("ArrowDown", 3, shiftKey=True)
        assert pane._selected() == [1, 2, 3]
        document = seat.document
        person.trigger("keydown", {"key": " "})
        await until(lambda: [document.is_marked(at) for at in (0, 1, 2, 3)] == [False, *3 * [True]])
        person.trigger("keydown", {"key": "Delete"})
        await until(lambda: lives(seat)[:3] == [64, 4, 5])
        document.undo()
        person.trigger("keydown", {"key": "a", "ctrlKey": True})
        await until(lambda: len(pane._selected()) == COUNT)
        person.trigger("keydown", {"key": "Escape"})
        await until(lambda: len(pane._selected()) == 1)

    shown(grid, story)


def test_a_row_is_dragged_to_another_place() -> None:
    async def story(user: User, seat: Seat, pane: PacketGrid) -> None:
        pane._drag(1)
        await pane._drop(3)
        assert lives(seat)[:5] == [64, 2, 3, 1, 4]
        await pane._drop(0)  # nothing is being dragged
        assert lives(seat)[:5] == [64, 2, 3, 1, 4]

    shown(grid, story)
