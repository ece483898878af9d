from __future__ import annotations

from scapy_server.captures.records import PacketRecord
from scapy_server.cli.packets.showing import time_text, title
from scapy_server.desk.packet import Packet


def test_times_are_told_to_the_nanosecond_whatever_they_are() -> None:
    assert time_text(0) == "1970-01-01 00:00:00.000000000 UTC"
    assert time_text(1_700_000_000_000_000_001) == "2023-11-14 22:13:20.000000001 UTC"
    assert time_text(10**30) == f"{10**21}.000000000 s"
    assert time_text(-1) == "1969-12-31 23:59:59.999999999 UTC"


def test_a_title_says_what_is_known() -> None:
    assert title(Packet(b"x", ())) == "1 byte"
    record = PacketRecord(7, b"xy", 1, None, 2, "eth\x1b0")
    assert title(Packet(b"xy", (), record=record)) == "packet 7, 2 bytes, eth\\x1b0"
