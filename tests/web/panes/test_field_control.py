from __future__ import annotations

import asyncio

from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.desk.names import FieldRow, field_rows
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.web.panes.field_control import FieldControl, provenance
from scapy_server.web.panes.field_text import Bases
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown, type_over
from tests.web.simulated import until
from tests.web.trees import built_packet, dissected_packet

CHOICES: JsonObject = {"values_dict": {"ip": 0, "tcp": 6, "udp": 17}}


def row(packet: Packet, path: str) -> FieldRow:
    return next(each for each in field_rows(packet.layers) if each.path == path)


def test_where_a_value_is_from() -> None:
    built, dissected = built_packet(), dissected_packet()
    assert provenance(row(built, "IP.src"), built) == "set"
    assert provenance(row(built, "IP.ttl"), built) == "auto"
    assert provenance(row(dissected, "IP.ttl"), dissected) == "capture"


class Committed:
    """A control, and what was committed in it."""

    def __init__(self, path: str, definition: JsonObject) -> None:
        self.texts: list[str] = []
        self.answer = asyncio.Event()
        self.answer.set()
        self._row = row(built_packet(), path)
        self._definition = definition

    def control(self, seat: Seat) -> FieldControl:
        return FieldControl(self._row, self._definition, self._commit, Bases())

    async def _commit(self, path: str, text: str) -> str | None:
        self.texts.append(text)
        await self.answer.wait()
        return None


def test_part_of_a_name_is_enough() -> None:
    committed = Committed("IP.proto", CHOICES)

    async def story(user: User, seat: Seat, control: FieldControl) -> None:
        type_over(user, "IP.proto", "c", None)
        await user.should_see("tcp")
        UserInteraction(user, {control.input}, None).trigger("keydown.enter")
        await until(lambda: committed.texts == ["tcp"])

    shown(committed.control, story)


def test_a_name_is_chosen_from_the_list() -> None:
    committed = Committed("IP.proto", CHOICES)

    async def story(user: User, seat: Seat, control: FieldControl) -> None:
        control._offer_all_or_turn()
        assert control._list is not None
        first = next(iter(control._list))
        UserInteraction(user, {first}, None).trigger("click")
        await until(lambda: committed.texts == ["ip"])
        assert not control._list.visible

    shown(committed.control, story)


def test_a_click_on_the_base_shows_the_number_in_the_next() -> None:
    committed = Committed("IP.ttl", {})

    async def story(user: User, seat: Seat, control: FieldControl) -> None:
        texts = []
        for _ in range(4):
            control._turn()
            texts.append(control.input.value)
        assert texts == ["64", "0x40", "0b01000000", "64"]
        assert committed.texts == []

    shown(committed.control, story)


def test_a_switch_turns_its_bit() -> None:
    values = [{"name": "Not Set", "value": 0}, {"name": "Set", "value": 2}]
    bits = [{"name": "Fragment", "mask": 2, "values": values}]
    committed = Committed("IP.flags", {"bits": bits})

    async def story(user: User, seat: Seat, control: FieldControl) -> None:
        assert control._flags is not None
        UserInteraction(user, set(control._flags._switches), None).trigger("click")
        await until(lambda: committed.texts == ["2"])

    shown(committed.control, story)


def test_what_is_typed_while_an_answer_is_waited_for_stays_and_is_committed() -> None:
    committed = Committed("IP.ttl", {})

    async def story(user: User, seat: Seat, control: FieldControl) -> None:
        committed.answer.clear()
        type_over(user, "IP.ttl", "9")
        await until(lambda: committed.texts == ["9"])
        type_over(user, "IP.ttl", "91", None)
        committed.answer.set()
        await until(lambda: control._sent is None)
        assert control.input.value == "91"
        committed.answer.clear()
        type_over(user, "IP.ttl", "92")
        await until(lambda: committed.texts == ["9", "92"])
        type_over(user, "IP.ttl", "64")
        await until(lambda: committed.texts == ["9", "92", "64"])
        committed.answer.set()
        await until(lambda: control._sent is None)
        assert control.input.value == "64"

    shown(committed.control, story)
