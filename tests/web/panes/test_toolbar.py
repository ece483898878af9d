from __future__ import annotations

from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.web.panes.toolbar import BUTTONS, Toolbar
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened, Shelf
from tests.web.panes.shown import shown
from tests.web.simulated import until


class Bar:
    """A bar over two documents, and what was asked of it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.shelf = Shelf()

    def toolbar(self, seat: Seat) -> Toolbar:
        self.shelf._opened[seat.opened.id] = seat.opened
        self.shelf.put(Document("other"))
        names = [*(name for name, _, _ in BUTTONS), "Commands"]
        actions = {name: lambda name=name: self.done.append(name) for name in names}
        bar = Toolbar(seat, self.shelf, actions, self._show, self._close)
        bar.show()
        return bar

    def _show(self, opened: Opened) -> None:
        self.done.append(f"show {opened.document.name}")

    async def _close(self, opened: Opened) -> None:
        self.done.append(f"close {opened.document.name}")


def test_every_button_does_what_it_is_called() -> None:
    made = Bar()

    async def story(user: User, seat: Seat, bar: Toolbar) -> None:
        for name in ("New", "Open", "Save", "Templates", "Undo"):
            UserInteraction(user, {bar._buttons[name]}, None).click()
        assert made.done == ["New", "Open", "Save", "Templates", "Undo"]

    shown(made.toolbar, story)


def test_only_what_can_be_undone_is_offered() -> None:
    async def story(user: User, seat: Seat, bar: Toolbar) -> None:
        enabled = [(bar._buttons["Undo"].enabled, bar._buttons["Redo"].enabled)]
        await seat.undo()
        bar.show()
        enabled.append((bar._buttons["Undo"].enabled, bar._buttons["Redo"].enabled))
        assert enabled == [(True, False), (False, True)]

    shown(Bar().toolbar, story)


def test_tabs_are_shown_marked_and_closed() -> None:
    made = Bar()

    async def story(user: User, seat: Seat, bar: Toolbar) -> None:
        seat.document.history.saved()
        await seat.edit("ttl", lambda packet: editing.set_field(packet, 1, "ttl", 9))
        bar.show()
        await user.should_see("● mine")
        user.find("other").click()
        await until(lambda: made.done == ["show other"])
        closing = [
            each
            for each in user.find(ui.button).elements
            if str(each.props.get("aria-label", "")).startswith("Close document")
        ]
        assert len(closing) == 2
        for button in closing:
            UserInteraction(user, {button}, None).click()
        await until(lambda: sorted(made.done)[:2] == ["close mine", "close other"])

    shown(made.toolbar, story)


def test_the_server_and_how_fast_it_answers() -> None:
    async def story(user: User, seat: Seat, bar: Toolbar) -> None:
        status = bar._status
        said = []
        for waiting, latency in ((False, None), (False, 0.0123), (True, 0.0123)):
            seat.link.waiting = waiting
            seat.link.latency = latency  # type: ignore[misc]  # the test's own link
            status.show()
            said.append(status._label.text)
        assert said == ["● here", "● here 12.3 ms", "○ waiting for here"]

    shown(Bar().toolbar, story)
