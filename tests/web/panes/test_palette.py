from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.web.panes.palette import Palette
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown, type_over
from tests.web.simulated import until


class Commands:
    """Things to do, and which were done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def palette(self, seat: Seat) -> Palette:
        palette = Palette(
            lambda: [
                ("Save as pcap", lambda: self.done.append("pcap")),
                ("Save as json", self._later),
                *((f"Edit field {number}", lambda: None) for number in range(20)),
            ]
        )
        palette.open()
        return palette

    async def _later(self) -> None:
        self.done.append("json")


def test_words_find_in_any_order_and_enter_does_the_first() -> None:
    commands = Commands()

    async def story(user: User, seat: Seat, palette: Palette) -> None:
        type_over(user, "Command", "json save")
        await until(lambda: commands.done == ["json"])
        palette.open()
        type_over(user, "Command", "SAVE")
        await until(lambda: commands.done == ["json", "pcap"])

    shown(commands.palette, story)


def test_a_hit_is_done_by_a_click_and_there_are_not_too_many() -> None:
    commands = Commands()

    async def story(user: User, seat: Seat, palette: Palette) -> None:
        await user.should_see("Edit field 9")
        await user.should_not_see("Edit field 10")
        user.find("Save as pcap").click()
        await until(lambda: commands.done == ["pcap"])

    shown(commands.palette, story)


def test_nothing_is_done_where_nothing_is_found() -> None:
    commands = Commands()

    async def story(user: User, seat: Seat, palette: Palette) -> None:
        type_over(user, "Command", "zzzz")
        await user.should_not_see("Save as pcap")
        assert commands.done == []

    shown(commands.palette, story)
