"""From a profile to what a data plane is to send."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.services.ports.methods.starting import load_for, send
from scapy_server.services.ports.plane.commands import Command, Done, Flow, Refused, Reply, Start
from scapy_server.services.ports.plane.counters import BASE, FLOWS, Counters
from scapy_server.services.ports.requests.refusals import NotExecuted
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.refusals import StreamRefused
from tests.services.ports.rig import MACS, Rig, continuous, counted, frame, stream


class Listening:
    """A data plane that only hears; it refuses starts when told to."""

    def __init__(self, refusing: bool = False) -> None:
        self.numbers = [0, 1]
        self.counters = Counters(2)
        self.heard: list[Command] = []
        self._refusing = refusing

    def ask(self, command: Command) -> Reply:
        self.heard.append(command)
        return Refused("no room") if self._refusing and isinstance(command, Start) else Done()


def raw(factor: float) -> Multiplier:
    return Multiplier("raw", factor)


def started(
    *streams: dict[str, Any], factor: float = 2.0, duration: float = 0.0, **setup: Any
) -> tuple[Rig, Listening]:
    rig, link = Rig(**setup), Listening()
    rig.acquire()
    for number, document in enumerate(streams, 1):
        rig.add(number, document)
    rig.control.links = {0: link, 1: link}
    port = rig.control.ports[0]
    load = load_for(port, port.profiles["_"], raw(factor), False)
    send(rig.control, port, port.profiles["_"], load, duration=duration, mask=3, at=None)
    return rig, link


def start_of(link: Listening) -> Start:
    (start,) = (command for command in link.heard if isinstance(command, Start))
    return start


def test_the_streams_that_are_enabled_are_sent_as_the_port_sends_them() -> None:
    _, link = started(stream(continuous(10)), stream(continuous(10), enabled=False))
    start = start_of(link)
    assert (start.port, start.profile, start.factor, start.duration) == (0, "_", 2.0, 0.0)
    (plan,) = start.streams
    assert (plan.id, plan.flow, plan.generation) == (1, -1, -1)
    assert plan.frame[:6] == frame()[:6]
    assert plan.frame[6:12] == frame()[6:12]


def test_addresses_of_the_port_are_filled_in_where_a_stream_leaves_them_to_it() -> None:
    _, link = started(stream(continuous(10), flags=0))
    (plan,) = start_of(link).streams
    assert (plan.frame[:6], plan.frame[6:12]) == (MACS[1], MACS[0])


def test_counted_streams_have_marks_and_places() -> None:
    _, link = started(
        stream(continuous(10), flow_stats=counted(7)),
        stream(continuous(10), frame(100), flow_stats=counted(8, "latency")),
    )
    plain, latency = sorted(start_of(link).streams, key=lambda plan: plan.id)
    assert (plain.flow, plain.generation) == (0, -1)
    assert int.from_bytes(plain.frame[18:20], "big") == BASE
    assert latency.flow == FLOWS
    assert latency.generation >= 0
    begun = [command for command in link.heard if isinstance(command, Flow)]
    assert sorted(begun, key=lambda each: each.flow) == [Flow(0, True), Flow(FLOWS, True)]


@pytest.mark.parametrize(("cores", "mask"), [(1, 1), (2, 3)])
def test_masks_and_pins_mean_something_with_several_cores(cores: int, mask: int) -> None:
    _, link = started(stream(continuous(10), core_id=1), cores=cores)
    start = start_of(link)
    assert start.mask == mask
    assert start.streams[0].document["core_id"] == (-1 if cores == 1 else 1)


def test_a_profile_remembers_its_start() -> None:
    rig, link = started(stream(continuous(10)), factor=3.0, duration=5.0)
    profile = rig.control.ports[0].profiles["_"]
    assert (profile.run, profile.factor, profile.has_duration) == (start_of(link).run, 3.0, True)
    assert profile.graph is not None


def test_what_the_data_plane_refuses_is_told() -> None:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(continuous(10)))
    rig.control.links = {0: Listening(refusing=True)}
    port = rig.control.ports[0]
    load = load_for(port, port.profiles["_"], raw(1.0), False)
    with pytest.raises(NotExecuted) as refusal:
        send(rig.control, port, port.profiles["_"], load, duration=0.0, mask=1, at=None)
    assert refusal.value.text == "no room"
    assert port.profiles["_"].graph is None


def test_more_than_the_line_has_needs_force() -> None:
    rig = Rig()
    rig.acquire()
    rig.add(1, stream(continuous(10)))
    port = rig.control.ports[0]
    with pytest.raises(StreamRefused):
        load_for(port, port.profiles["_"], raw(1e9), False)
    assert load_for(port, port.profiles["_"], raw(1e9), True).factor == 1e9
