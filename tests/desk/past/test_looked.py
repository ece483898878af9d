from __future__ import annotations

from scapy_server.desk.packet import Packet
from scapy_server.desk.past.looked import Looked

WHOLE = Packet(b"\1", ({"id": "Raw", "offset": 0, "fields": []},))


def test_the_one_that_was_asked_for_longest_ago_goes_first() -> None:
    looked = Looked(2)
    looked.put(1, WHOLE)
    looked.put(2, WHOLE)
    assert looked.get(1) is WHOLE
    looked.put(3, WHOLE)
    assert (looked.get(1), looked.get(2), looked.get(3)) == (WHOLE, None, WHOLE)
    looked.forget(1)
    assert (looked.get(1), len(looked)) == (None, 1)


def test_a_packet_without_a_tree_takes_no_room() -> None:
    looked = Looked()
    looked.put(1, WHOLE)
    looked.put(1, Packet(b"\1", ()))
    assert len(looked) == 0
    looked.put(1, Packet(b"\1", (), problem="cannot be read"))
    assert len(looked) == 1
