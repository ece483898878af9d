from __future__ import annotations

import pytest

from scapy_server.desk.packet import ProfileStream
from scapy_server.desk.profiles import pace_in_words
from scapy_server.streams.documents.entries import Entry
from scapy_server.streams.documents.trex_profile import DEFAULTS
from scapy_server.streams.stream import RATE_UNITS
from scapy_server.web.panes.stream.pace_form import MODES, UNITS, mode_of

RATE = {"type": "pps", "value": 10}


@pytest.mark.parametrize("kind", MODES)
def test_every_mode_that_is_offered_is_one_of_the_engine(kind: str) -> None:
    mode = mode_of({"type": "continuous", "rate": RATE}, kind)
    raw = {**DEFAULTS, "mode": mode, "packet": {"binary": "AAAA" * 20}, "next_stream_id": -1}
    assert Entry(1, raw).stream().rate.value == 10
    assert "10 pps" in pace_in_words(ProfileStream(1, raw))


def test_every_unit_of_the_engine_is_offered() -> None:
    assert set(UNITS) == set(RATE_UNITS)


def test_numbers_stay_where_the_mode_has_them() -> None:
    burst = {"type": "single_burst", "rate": RATE, "total_pkts": 5}
    assert mode_of(burst, "single_burst") == burst
    assert mode_of(burst, "continuous") == {"type": "continuous", "rate": RATE}
