"""Editing and comparing many packets."""

from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.captures.records import PacketRecord
from scapy_server.web.panes.packets.many_editor import ManyEditor
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown, type_over
from tests.web.simulated import until
from tests.web.trees import built_packet


def editor(seat: Seat) -> ManyEditor:
    frame = built_packet().frame
    records = [PacketRecord(number, frame, 1, 0, len(frame)) for number in (1, 2)]
    records.append(PacketRecord(3, frame[:12] + b"\x90\x00" + bytes(46), 1, 0, 60))
    seat.document.add_records(records)
    return ManyEditor(seat, lambda: range(1, len(seat.document)), lambda: [seat.document.position])


def test_it_says_in_how_many_packets_before_it_sets() -> None:
    async def story(user: User, seat: Seat, pane: ManyEditor) -> None:
        seat.document.go_to(1)
        type_over(user, "Field to set", "IP.ttl", None)
        user.find("Count").click()
        await until(lambda: pane._said.text == "2 of 3 packets have IP.ttl")
        type_over(user, "Value to set", "9", None)
        user.find("Set").click()
        await until(lambda: pane._said.text == "2 changed, 2 have IP.ttl, 1 do not")
        assert [seat.document.at(position).frame[22] for position in (1, 2)] == [9, 9]
        assert seat.document.packet.layers  # as it is on view
        seat.document.undo()
        assert [seat.document.at(position).frame[22] for position in (1, 2)] == [64, 64]

    shown(editor, story)


def test_a_value_that_does_not_fit_changes_nothing() -> None:
    async def story(user: User, seat: Seat, pane: ManyEditor) -> None:
        type_over(user, "Field to set", "IP.ttl", None)
        type_over(user, "Value to set", "999", None)
        user.find("Set").click()
        await until(lambda: "999" in pane._said.text)
        assert seat.document.at(1).frame[22] == 64

    shown(editor, story)


def test_the_packet_at_hand_is_compared_with_the_marked_one() -> None:
    async def story(user: User, seat: Seat, pane: ManyEditor) -> None:
        user.find("Compare").click()
        await until(lambda: pane._said.text.startswith("select two packets"))
        seat.document.mark(3, True)
        user.find("Compare").click()
        await user.should_see("packet 4 and packet 1")
        await user.should_see("bytes differ")

    shown(editor, story)
