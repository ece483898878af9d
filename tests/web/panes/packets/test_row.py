from __future__ import annotations

from collections.abc import Mapping

from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.panes.packets.row import Doing, PacketRow
from scapy_server.web.seat import Seat
from tests.web.panes.packets.listed import fill
from tests.web.panes.shown import shown


def test_it_shows_a_packet_and_says_what_is_done_with_it() -> None:
    said: list[object] = []

    def choose(position: int, held: Mapping[str, bool]) -> None:
        said.append((position, dict(held)))

    async def story(user: User, seat: Seat, row: PacketRow) -> None:
        document = fill(seat, 3).document
        document.mark(2, True)
        row.show(document, 2, 42, True)
        await user.should_see("3")
        props = row.element.props
        assert (props["data-packet"], props["aria-rowindex"]) == ("3", "3")
        assert props["aria-selected"] == "true"
        assert {"marked", "chosen"} <= set(row.element.classes)
        person = UserInteraction(user, {row.element}, None)
        person.trigger("click", {"shiftKey": True})
        person.trigger("dragstart")
        person.trigger("drop.prevent.stop")
        assert said == [(2, {"shiftKey": True}), ("drag", 2), ("drop", 2)]

    doing = Doing(
        choose, lambda at: said.append(("drag", at)), lambda at: said.append(("drop", at))
    )
    shown(lambda seat: PacketRow(doing), story)
