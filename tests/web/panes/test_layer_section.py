"""A layer in the tree: its head, and what it says of its rows."""

from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.desk.names import field_rows
from scapy_server.desk.packet import Packet
from scapy_server.web.known import Known
from scapy_server.web.panes.layer_actions import LayerActions
from scapy_server.web.panes.layer_section import LayerSection, Surroundings
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown


def section(seat: Seat) -> LayerSection:
    known = Known(seat.link)
    actions = LayerActions(seat, known, lambda index: None, lambda: None)
    around = Surroundings(seat, known, actions, set(), lambda index: None, lambda index: None)
    made = LayerSection(around, 1, "IP")
    show(made, seat.document.packet)
    return made


def show(made: LayerSection, packet: Packet, **changed: object) -> None:
    rows = [row for row in field_rows(packet.layers) if row.layer == 1]
    made.show({**packet.layers[1], **changed}, rows, packet)


def test_it_is_called_as_its_layer_and_is_open() -> None:
    async def story(user: User, seat: Seat, made: LayerSection) -> None:
        assert made.element.props["aria-label"] == "IP"
        assert made.element.props["aria-expanded"] == "true"
        assert list(made.rows)[:2] == ["IP.version", "IP.ihl"]
        assert made.rows["IP.frag"].input.props["place"] == "20.3"

    shown(section, story)


def test_a_layer_that_reads_otherwise_says_so() -> None:
    async def story(user: User, seat: Seat, made: LayerSection) -> None:
        await user.should_not_see("reads as")
        show(made, seat.document.packet, valid_structure=False, real_id="Raw")
        await user.should_see("reads as Raw")
        show(made, seat.document.packet)
        await user.should_not_see("reads as")

    shown(section, story)


def test_it_stays_closed_when_it_is_made_anew() -> None:
    async def story(user: User, seat: Seat, made: LayerSection) -> None:
        made._toggle()
        assert made.element.props["aria-expanded"] == "false"
        with made.element.client:
            again = LayerSection(made._around, 1, "IP")
        assert again.element.props["aria-expanded"] == "false"

    shown(section, story)
