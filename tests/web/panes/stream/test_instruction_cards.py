from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from nicegui.testing.user import User

from scapy_server.desk.packet import Program
from scapy_server.web.known import Known
from scapy_server.web.panes.stream.instruction_cards import (
    InstructionCards,
    error_place,
    words_of,
)
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown


def test_an_instruction_in_one_line() -> None:
    instruction = {"id": "STLVmFlowVar", "parameters": {"name": "a", "size": "1", "step": ""}}
    assert words_of(instruction) == "STLVmFlowVar: name a, size 1"
    assert words_of({"id": "STLVmFixIpv4"}) == "STLVmFixIpv4"


def test_the_parameter_that_an_error_names() -> None:
    error = "instruction 2 (STLVmTrimPktSize), parameter fv_name: a length comes from 2 bytes"
    assert error_place(error) == (2, "fv_name")
    assert error_place("the program has no instructions") is None


def test_a_card_says_what_its_instruction_and_each_parameter_is() -> None:
    program = Program(({"id": "STLVmTrimPktSize", "parameters": {"fv_name": "a"}},))

    async def take(change: Callable[[Program], Program], label: str) -> None:
        pytest.fail("nothing is changed")

    def build(seat: Seat) -> InstructionCards:
        known = Known(seat.link)
        text = base64.b64encode(b"X\n\nCuts.\n\nParameters:\n  fv_name: Which variable.\n").decode()
        known.instructions = [{"id": "STLVmTrimPktSize", "parameters": ["fv_name"], "help": text}]
        cards = InstructionCards(known, lambda: program, take)
        cards.show()
        return cards

    async def story(user: User, seat: Seat, cards: InstructionCards) -> None:
        cards._folds[0].set_value(True)
        await user.should_see("Cuts.")
        await user.should_see("Which variable.")

    shown(build, story)


def test_cards_are_headed_by_what_they_do() -> None:
    program = Program(({"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}, {"id": "X"}))

    async def take(change: Callable[[Program], Program], label: str) -> None:
        pytest.fail("nothing is changed")

    def build(seat: Seat) -> InstructionCards:
        cards = InstructionCards(Known(seat.link), lambda: program, take)
        cards.show()
        return cards

    async def story(user: User, seat: Seat, cards: InstructionCards) -> None:
        assert [card.text for card in cards._folds] == ["STLVmFixIpv4: offset IP", "X"]
        cards.tell({0: "Corrects the checksum of IP."})
        assert [card.text for card in cards._folds] == ["Corrects the checksum of IP.", "X"]
        assert [card.props["caption"] for card in cards._folds] == ["STLVmFixIpv4", "X"]

    shown(build, story)


def test_a_card_that_is_open_stays_so_while_its_parameters_change() -> None:
    programs = [Program(({"id": "X", "parameters": {"a": str(number)}},)) for number in (1, 2)]

    def build(seat: Seat) -> InstructionCards:
        async def take(change: Callable[[Program], Program], label: str) -> None:
            programs.pop(0)
            assert change(programs[0]).instructions == programs[0].instructions
            cards.show()

        cards = InstructionCards(Known(seat.link), lambda: programs[0], take)
        cards.show()
        return cards

    async def story(user: User, seat: Seat, cards: InstructionCards) -> None:
        (card,) = cards._folds
        card.set_value(True)
        await cards._set(0, "a", "2")
        assert cards._folds == [card]
        assert card.value
        assert cards._inputs[0, "a"].value == "2"

    shown(build, story)
