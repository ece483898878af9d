from __future__ import annotations

import pytest

from scapy_server.desk.packet import Packet
from scapy_server.desk.past.kept import bare, kept
from tests.desk.test_document import record
from tests.web.trees import built_packet, dissected_packet


@pytest.mark.parametrize("make", [built_packet, dissected_packet])
@pytest.mark.parametrize("other", [None, b"", bytes(42)])
def test_a_packet_comes_back_without_its_tree(make, other) -> None:  # type: ignore[no-untyped-def]
    packet = make()
    beside = None if other is None else Packet(other, ())
    assert kept(packet, beside).packet(other or b"") == bare(packet)


def test_what_belongs_to_the_packet_comes_back_with_it() -> None:
    packet = Packet(b"\1", (), None, record(1), "cut short")
    assert kept(packet, None).packet(b"anything") == packet


def test_only_what_differs_is_kept_of_its_bytes() -> None:
    before, after = Packet(bytes(9000), ()), Packet(bytes(4000) + b"\1" + bytes(4999), ())
    assert kept(after, before).frame.items == b"\1"  # type: ignore[union-attr]
