from __future__ import annotations

from scapy_server.web.panes.preview_table import row_of, series_of


def change(field: str, value: object) -> dict[str, object]:
    return {"layer": "IP", "field": field, "value": value, "hvalue": f"<{value}>"}


PACKETS = [
    {"index": 7, "length": 60, "changes": [change("ttl", 3), change("src", "192.0.2.1")]},
    {"index": 8, "length": 62, "changes": []},
    {"index": 9, "length": 60, "changes": [change("ttl", 5)]},
]


def test_a_packet_shows_what_changes_alone() -> None:
    assert row_of(PACKETS[0]) == "7: IP.ttl = <3>  IP.src = <192.0.2.1>"
    assert row_of(PACKETS[1]) == "8: "


def test_what_varies_as_numbers_is_drawn() -> None:
    assert series_of(PACKETS) == [("IP.ttl", [3, None, 5]), ("length", [60, 62, 60])]
    assert series_of(PACKETS[:1]) == [("IP.ttl", [3])]
