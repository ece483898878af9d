"""Which groups are counted, and where."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.frames.stamps import NO_GENERATION
from scapy_server.services.ports.plane.counters import FLOWS
from scapy_server.services.ports.state.flows import Groups
from scapy_server.streams.reading import read_stream
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Stream
from tests.services.ports.rig import continuous, counted, frame, stream


def marked(number: int, group: int, rule: str = "stats") -> Stream:
    document = stream(continuous(10), frame(100), flow_stats=counted(group, rule))
    return read_stream(number, document)


PLAIN = read_stream(9, stream(continuous(10)))


def test_a_group_lives_from_its_first_stream_to_its_last() -> None:
    groups = Groups()
    one, other = marked(1, 5), marked(2, 5)
    groups.register((0, "_", 1), one)
    groups.register((1, "_", 2), other)
    groups.register((0, "_", 9), PLAIN)
    assert groups.ids == [5]
    assert groups.places == [(5, groups[5].place)]
    groups.release((0, "_", 1), one)
    groups.release((0, "_", 9), PLAIN)
    assert 5 in groups
    groups.release((1, "_", 2), other)
    assert 5 not in groups


def test_a_group_that_comes_again_has_another_version() -> None:
    groups = Groups()
    one = marked(1, 5)
    groups.register((0, "_", 1), one)
    version = groups[5].version
    groups.release((0, "_", 1), one)
    groups.register((0, "_", 1), one)
    assert groups[5].version != version


def test_places_are_given_at_the_first_start_and_kept() -> None:
    groups = Groups()
    one, other, latency = marked(1, 7), marked(2, 8), marked(3, 9, "latency")
    for each in (one, other, latency):
        groups.register((0, "_", each.stream_id), each)
    assert groups[7].place is None
    found, new = groups.start([one, PLAIN])
    assert (list(found), [group.id for group in new]) == ([1], [7])
    found, new = groups.start([one, other, latency])
    assert {number: group.place for number, group in found.items()} == {1: 0, 2: 1, 3: FLOWS}
    assert [group.id for group in new] == [8, 9]


def test_each_start_is_another_generation_of_a_latency_group() -> None:
    groups = Groups()
    latency = marked(1, 5, "latency")
    groups.register((0, "_", 1), latency)
    seen = []
    for _ in range(3):
        groups.start([latency])
        seen.append(groups[5].generation)
    assert len(set(seen)) == 3
    assert NO_GENERATION not in seen


def test_a_group_is_of_one_kind() -> None:
    groups = Groups()
    groups.register((0, "_", 1), marked(1, 5))
    with pytest.raises(StreamRefused):
        groups.register((0, "_", 2), marked(2, 5, "latency"))
