from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.packet.plans.remembered import Remembered


def test_answers_are_of_a_frame_and_its_link_type() -> None:
    known: Remembered[str] = Remembered()
    known.keep(b"frame", 1, "Ethernet", 8)
    assert known.get(b"frame", 1) == "Ethernet"
    assert known.get(b"frame", 101) is None
    assert known.get(b"frames", 1) is None


def test_the_longest_unused_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.REMEMBERED_FRAME_BYTES == 8 * 1024 * 1024
    monkeypatch.setattr(limits, "REMEMBERED_FRAME_BYTES", Limit(32 * 1024, "bytes", "answers"))
    known: Remembered[int] = Remembered()
    for number in range(16):
        known.keep(b"%4d" % number, 1, number, 1500)  # each takes 2016 bytes of 32 KiB
    assert known.get(b"   0", 1) == 0
    known.keep(b"  16", 1, 16, 1500)
    assert (known.get(b"   0", 1), known.get(b"   1", 1)) == (0, None)
    known.keep(b"  17", 1, 17, 2048)  # more than a sixteenth
    assert known.get(b"  17", 1) is None
