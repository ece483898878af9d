from __future__ import annotations

import base64
from typing import Any

import pytest

from scapy_server.desk.errors import DeskError
from scapy_server.desk.timing import Wanted, timing
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.documents.trex_profile import DEFAULTS

PACKET = {"binary": base64.b64encode(bytes(60)).decode()}


def stream(number: int, pps: float, **members: Any) -> Entry:
    mode = {"type": "continuous", "rate": {"type": "pps", "value": pps}}
    return Entry(
        number, {**DEFAULTS, "next_stream_id": -1, "packet": PACKET, "mode": mode, **members}
    )


def test_the_packets_and_the_peak_of_a_profile() -> None:
    profile = ProfileDocument((stream(1, 100.0, name="a"), stream(2, 300.0, name="b")))
    found = timing(profile, Wanted(seconds=1.0))
    counts = dict(
        zip(found.timeline.names, found.timeline.packets.sum(axis=0).tolist(), strict=True)
    )
    assert counts == pytest.approx({"a": 100, "b": 300}, abs=1)
    assert found.peak_packets == 400
    assert found.peak_line == pytest.approx(400 * 84 * 8 / found.line)


def test_what_cannot_be_sent_so_is_said() -> None:
    with pytest.raises(DeskError, match="multiplier"):
        timing(ProfileDocument((stream(1, 1.0),)), Wanted("fast"))


@pytest.mark.parametrize("more", [0, 1])
def test_no_more_is_drawn_than_people_wait_for(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = ProfileDocument((stream(1, 100.0, name="a"),))
    whole = timing(profile, Wanted(seconds=1.0)).timeline.packets.sum()
    monkeypatch.setattr("scapy_server.limits.EDITOR_TIMELINE_PACKETS", int(whole) - more)
    assert timing(profile, Wanted(seconds=1.0)).timeline.packets.sum() == whole - more
