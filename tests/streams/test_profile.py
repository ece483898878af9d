from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.streams.profile import Profile
from scapy_server.streams.refusals import StreamRefused
from tests.streams.support import burst, stream


def profile(*ids: int) -> Profile:
    made = Profile(0)
    for stream_id in ids:
        made.add(stream(stream_id))
    return made


def test_streams_are_walked_in_the_tables_order() -> None:
    made = profile(4, 1, 3, 2)
    assert [found.stream_id for found in made] == [2, 3, 1, 4]
    made.remove(3)
    assert [found.stream_id for found in made] == [2, 1, 4]
    assert 3 not in made
    assert made[4].stream_id == 4
    made.clear()
    assert list(made) == []


def test_what_cannot_be_added_or_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = profile(1, 2)
    with pytest.raises(StreamRefused) as refusal:
        made.add(stream(1))
    assert refusal.value.engine_text == "stream 1 already exists in profile_id(_)"
    with pytest.raises(StreamRefused) as refusal:
        made.remove(7)
    assert refusal.value.engine_text == "stream 7 does not exists in profile_id(_)"
    assert limits.PORT_STREAMS == 20_000
    monkeypatch.setattr(limits, "PORT_STREAMS", limits.Limit(3, "streams", "what a port sends"))
    made.add(stream(3))
    with pytest.raises(StreamRefused) as refusal:
        made.add(stream(4))
    assert refusal.value.engine_text == "Reached limit of 3 streams at the port."
    with pytest.raises(StreamRefused):
        profile(1).add(stream(2), on_port=3)


def test_validation_has_its_own_order() -> None:
    with pytest.raises(StreamRefused) as refusal:
        profile().validated(1e10)
    assert refusal.value.engine_text == "no streams attached to port"
    made = Profile(0)
    made.add(stream(1, mode=burst(5), next_stream_id=9))
    with pytest.raises(StreamRefused) as refusal:
        made.validated(1e10)
    assert refusal.value.engine_text.startswith("error: stream 1 is pointing to a non-existent")
    with pytest.raises(StreamRefused) as refusal:
        made.graph(1e10)
    assert refusal.value.engine_text == "stream id 9 does not exists"
    assert profile(1, 2).validated(1e10).variable.pps == 200
