from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.streams import simulation
from scapy_server.streams.marks import PortAddresses
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.simulation import (
    Start,
    ended,
    ends,
    facts,
    finish,
    loaded,
    page,
    ports_of,
    simulated,
    simulator_setting,
    with_addresses,
)
from scapy_server.streams.traffic import Setting, Traffic
from tests.streams.recordings import generated, requests_of
from tests.streams.support import burst, bursts, raw_stream


def profile(
    *streams: dict[str, Any], start: Start | None = None, ports: tuple[int, ...] = (0,)
) -> Traffic:
    placed = [(port, "_", number, raw) for port in ports for number, raw in enumerate(streams, 1)]
    return loaded(placed, start or Start(), Setting(2))


@pytest.mark.parametrize(
    ("streams", "end"),
    [
        ([raw_stream()], False),
        ([raw_stream(mode=burst(3))], True),
        ([raw_stream(mode=bursts(3, 0, 1))], False),
        ([raw_stream(mode=burst(3), next_stream_id=1)], False),
        ([raw_stream(mode=burst(3), next_stream_id=1, action_count=4)], True),
        ([raw_stream(mode=burst(3), next_stream_id=2), raw_stream(self_start=False)], False),
        ([raw_stream(mode=burst(3)), raw_stream(enabled=False)], True),
    ],
)
def test_whether_it_ends(streams: list[dict[str, Any]], end: bool) -> None:
    traffic = profile(*streams)
    assert ends(traffic) == end
    assert ends(profile(*streams, start=Start(duration=1.0)))
    traffic.schedule.limit(5)
    assert ends(traffic)


def test_what_is_told_of_packets_and_ends() -> None:
    traffic = profile(raw_stream(mode=burst(4)), ports=(0, 1))
    (block,) = traffic.schedule.blocks()
    told = [*facts(traffic, block)]
    assert told[1] == {
        "time": 0.0,
        "ns": 0,
        "port": 1,
        "profile": "_",
        "core": 0,
        "stream_id": 1,
    }
    assert [fact["core"] for fact in told] == [0, 0, 1, 1, 0, 0, 1, 1]
    assert [(line["port"], line["core"], line["ended"]) for line in ended(traffic)] == [
        (0, 0, 0.02),
        (0, 1, 0.03),
        (1, 0, 0.02),
        (1, 1, 0.03),
    ]
    assert [line["ended"] for line in ended(traffic, 0.025)] == [0.02, None, 0.02, None]
    assert ports_of(traffic) == [0, 1]


def test_the_simulators_setting() -> None:
    setting = simulator_setting(3, 1e9)
    assert setting.addresses[1] == PortAddresses(b"\x20" * 6, b"\x28" * 6)
    own = PortAddresses(bytes(6), bytes(6))
    assert with_addresses(setting, {1: own}).addresses[1] == own
    assert with_addresses(setting, {1: own}).addresses[0].source == b"\x18" * 6
    traffic = simulated(requests_of(generated()["burst_10"]), setting, 3)
    assert sum(len(block) for block in traffic.schedule.blocks()) == 3


def test_pages_are_bounded_by_events(monkeypatch: pytest.MonkeyPatch) -> None:
    bound = limits.Limit(250, limits.PROFILE_EVENTS.unit, limits.PROFILE_EVENTS.meaning)
    monkeypatch.setattr(limits, "PROFILE_EVENTS", bound)
    monkeypatch.setattr(simulation, "_PAGE_EVENTS", 10)
    block = page(profile(raw_stream()), 40, 10)
    assert block.indexes.tolist() == [20, 20, 21, 21, 22, 22, 23, 23, 24, 24]
    with pytest.raises(RefusedError, match="ask for earlier ones"):
        page(profile(raw_stream()), 200, 10)
    endless = profile(raw_stream())
    finish(endless)
    assert endless.schedule.handled == 0
    long = profile(raw_stream(mode=burst(1000)))
    finish(long)
    assert long.schedule.running


def test_a_start_is_refused_by_port() -> None:
    with pytest.raises(StreamRefused) as refusal:
        profile(raw_stream(), start=Start(Multiplier("percentage", 300.0)))
    assert refusal.value.where == ("port 0",)
