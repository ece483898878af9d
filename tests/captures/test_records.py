from __future__ import annotations

import pytest

from scapy_server.captures.records import OtherPiece, PacketRecord, length_problem

RECORD = PacketRecord(1, b"abcd", 1, 5, 10, "eth0", "note")


@pytest.mark.parametrize(("data", "original"), [(b"abcd", 10), (b"abcdef", 12), (b"", 6)])
def test_what_is_missing_is_missing_still(data: bytes, original: int) -> None:
    changed = RECORD.with_data(data)
    assert changed == PacketRecord(1, data, 1, 5, original, "eth0", "note")


@pytest.mark.parametrize(
    ("captured", "original", "problem"),
    [
        (4, 4, None),
        (4, 10, "only 4 of its 10 bytes were captured"),
        (4, 3, "it claims 4 captured bytes of a packet of 3"),
        (0, 0, "it is empty"),
    ],
)
def test_length_problem(captured: int, original: int, problem: str | None) -> None:
    assert length_problem(captured, original) == problem


def test_what_is_no_packet_stays() -> None:
    assert OtherPiece(b"raw").rewritten(RECORD) == b"raw"
