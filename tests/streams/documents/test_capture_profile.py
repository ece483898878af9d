from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.streams.documents.capture_profile import Playing, capture_document
from tests.streams.support import FRAME

PACKETS = [(FRAME, 1_000_000.0), (FRAME[:62], 1_000_010.0), (FRAME[:70], 1_000_040.0)]


def gaps(playing: Playing | None = None) -> list[float]:
    return [entry.raw["isg"] for entry in capture_document(PACKETS, playing).entries]


def test_packets_become_a_ring_of_bursts_of_one() -> None:
    entries = capture_document(PACKETS, Playing(loops=3)).entries
    assert [entry.stream().frame for entry in entries] == [frame for frame, _ in PACKETS]
    assert [entry.raw["next_stream_id"] for entry in entries] == [2, 3, 1]
    assert [entry.raw["self_start"] for entry in entries] == [True, False, False]
    assert [entry.raw["action_count"] for entry in entries] == [0, 0, 3]
    mode = {"type": "single_burst", "total_pkts": 1}
    assert entries[0].raw["mode"] == mode | {"rate": {"type": "percentage", "value": 100}}
    assert [entry.raw["flags"] for entry in entries] == [0, 0, 0]
    kept = capture_document(PACKETS, Playing(keep_source=True, keep_destination=True))
    assert kept.entries[0].raw["flags"] == 3


def test_gaps() -> None:
    assert gaps() == [0, 10, 30]
    assert gaps(Playing(speedup=2.0)) == [0, 5, 15]
    assert gaps(Playing(shortest=20.0)) == [20, 20, 30]
    assert gaps(Playing(gap=7.0)) == [7, 7, 7]
    assert gaps(Playing(gap=7.0, speedup=2.0)) == [3.5, 3.5, 3.5]


@pytest.mark.parametrize(
    ("playing", "said"),
    [
        (Playing(speedup=0.0), "the speed-up must be above 0"),
        (Playing(gap=-1.0), "a gap between packets must be at least 0"),
        (Playing(shortest=-1.0), "a gap between packets must be at least 0"),
        (Playing(loops=-1), "can be played 0 to 2**32 - 1 times"),
    ],
)
def test_refusals(playing: Playing, said: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        capture_document(PACKETS, playing)
    assert said in refusal.value.problem


def test_how_long_a_capture_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedError, match="holds no packet"):
        capture_document([])
    monkeypatch.setattr(limits, "PORT_STREAMS", limits.Limit(2, "streams", "what a port sends"))
    with pytest.raises(RefusedError, match="at most 2 streams"):
        capture_document(PACKETS)
