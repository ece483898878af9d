from __future__ import annotations

import pytest
from nicegui.testing.user import User

from scapy_server.captures.reading import read_capture
from scapy_server.web.panes.stream.preview import PreviewTable, row_of, series_of
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown
from tests.web.simulated import until


def change(field: str, value: object) -> dict[str, object]:
    return {"layer": "IP", "field": field, "value": value, "hvalue": f"<{value}>"}


PACKETS = [
    {"index": 7, "length": 60, "changes": [change("ttl", 3), change("src", "192.0.2.1")]},
    {"index": 8, "length": 62, "changes": []},
    {"index": 9, "length": 60, "changes": [change("ttl", 5)]},
]


def test_a_packet_shows_what_changes_alone() -> None:
    assert row_of(PACKETS[0]) == "7: IP.ttl = <3>  IP.src = <192.0.2.1>"
    assert row_of(PACKETS[1]) == "8: as it is built"


def test_what_varies_as_numbers_is_drawn() -> None:
    assert series_of(PACKETS) == [("IP.ttl", [3, None, 5]), ("length", [60, 62, 60])]
    assert series_of(PACKETS[:1]) == [("IP.ttl", [3])]


@pytest.mark.parametrize("more", [0, 1])
def test_as_many_packets_are_exported_as_were_asked_for(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scapy_server.limits.EDITOR_EXPORTED_PACKETS", 2500)

    async def story(user: User, seat: Seat, pane: PreviewTable) -> None:
        pane._exported.set_value(2500 + more)
        await pane._export()
        answer = await user.download.next()
        sent = seat.document.packet.frame.ljust(60, b"\0")  # as the engine sends it
        assert [record.data for record in read_capture(answer.content)] == 2500 * [sent]

    shown(PreviewTable, story)


def test_what_is_no_packet_number_is_said() -> None:
    async def story(user: User, seat: Seat, pane: PreviewTable) -> None:
        said: list[str] = []
        seat.failed = said.append
        pane._start.set_value("first")
        await pane._export()
        await until(lambda: len(said) == 1)
        assert said[0] == "'first' is no packet number"

    shown(PreviewTable, story)
