"""What a source says besides its packet."""

from __future__ import annotations

import pytest

from scapy_server.streams.sources.given import GivenStream


@pytest.mark.parametrize(
    ("burst", "count", "cores", "said"),
    [
        (None, None, 4, []),
        (3, 3, 1, []),
        (3, 3, 4, ["one core sends a burst of 3 packets"]),
        (5, 5, 4, []),
        (8, 16, 4, []),
        (9, 18, 4, ["bursts of 9 packets do not divide among 4 cores"]),
    ],
)
def test_how_cores_share_bursts(
    burst: int | None, count: int | None, cores: int, said: list[str]
) -> None:
    notes = GivenStream({}, count=count, burst=burst, notes=("first",)).notes_for(cores)
    assert notes[0] == "first"
    assert len(notes[1:]) == len(said)
    assert all(map(str.startswith, notes[1:], said))
