from __future__ import annotations

import asyncio

from nicegui.testing.user import User

from scapy_server.desk import editing
from scapy_server.web.panes.packets.actions import PacketActions
from scapy_server.web.seat import Seat
from tests.web.panes.packets.listed import fill, lives
from tests.web.panes.shown import shown

CHOSEN = [1, 2]


def actions(seat: Seat) -> PacketActions:
    return PacketActions(fill(seat, 4), lambda: CHOSEN, lambda: None)


def test_many_are_marked_duplicated_moved_and_deleted_at_once() -> None:
    async def story(user: User, seat: Seat, pane: PacketActions) -> None:
        document = seat.document
        begin = lives(seat)
        await pane.mark()
        assert [document.is_marked(at) for at in range(4)] == [False, True, True, False]
        await pane.mark()
        assert not document.is_marked(1)
        await pane.duplicate()
        assert lives(seat) == [64, 1, 2, 1, 2, 3, 4]
        document.undo()
        await pane.move_to(CHOSEN, 4)
        assert lives(seat) == [64, 3, 4, 1, 2]
        document.undo()
        await pane.move_to(CHOSEN, 0)
        assert lives(seat) == [1, 2, 64, 3, 4]
        document.undo()
        await pane.delete()
        assert lives(seat) == [64, 3, 4]
        assert document.history.past[-1].label == "delete 2 packets"
        document.undo()
        assert lives(seat) == begin

    shown(actions, story)


def test_what_is_done_to_packets_waits_for_the_edit_before_it() -> None:
    async def story(user: User, seat: Seat, pane: PacketActions) -> None:
        edit = seat.edit("ttl", lambda packet: editing.set_field(packet, 1, "ttl", 9))
        await asyncio.gather(edit, pane.move_to(CHOSEN, 0))
        assert lives(seat) == [1, 2, 9, 3, 4]

    shown(actions, story)
