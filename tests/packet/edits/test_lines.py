from __future__ import annotations

from scapy_server.packet.edits.lines import line, line_around, place_for_line

OWN = b"GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n"


def test_the_line_around_a_value() -> None:
    found = line_around(OWN, OWN.index(b"a\r\n"))
    assert found is not None and OWN[slice(*found)] == b"Host: a\r\n"
    assert line_around(OWN, 4) is None  # the first line has no name
    assert line_around(b"Host: a", 6) is None


def test_another_line_belongs_before_the_empty_one() -> None:
    at = place_for_line(OWN)
    assert at is not None
    assert OWN[:at] + line("C", b"d") + OWN[at:] == OWN[:-2] + b"C: d\r\n\r\n"
    assert place_for_line(b"GET /") is None
