from __future__ import annotations

from nicegui import ui
from nicegui.testing.user import User

from scapy_server.web.panes.field_line import FieldLine
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown


def test_only_what_is_told_anew_is_drawn_again() -> None:
    async def story(user: User, seat: Seat, line: FieldLine) -> None:
        drawn: list[str] = []
        line.props.on_change(lambda: drawn.append("again"))
        line.tell(place="22", size="1 B")
        assert (line.props["place"], drawn) == ("22", ["again", "again"])
        line.tell(place="22", size="1 B")
        assert drawn == ["again", "again"]
        with line:
            sentence = ui.label("999 is out of range")
        line.refuse(sentence)
        assert line.props["invalid"] == sentence.html_id
        line.refuse(None)
        assert not line.props["invalid"]

    shown(lambda seat: FieldLine("IP.ttl", "ttl", 0, editable=True), story)
