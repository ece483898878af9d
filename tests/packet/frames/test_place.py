from __future__ import annotations

from scapy_server.packet.frames.place import Place, unknown_place


def test_a_place_ends_behind_its_last_bit() -> None:
    assert Place(12, 5, True).end == 17


def test_a_place_that_is_not_known_is_of_something_present_and_has_no_bits() -> None:
    place = unknown_place()
    assert place.present and not place.known and place.bit_length == 0
