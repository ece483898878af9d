from __future__ import annotations

import pytest

from scapy_server.services.ports.state.attributes import Attributes, Layers
from scapy_server.services.ports.state.port import Port, Service
from scapy_server.services.ports.state.tables import ProfileCommand, State
from scapy_server.streams.reading import read_stream
from tests.services.ports.rig import continuous, stream

MAC = bytes.fromhex("020000000010")


def port() -> Port:
    return Port(3, "loop", "one", Layers(MAC, None), Attributes(2.5))


def test_a_new_port_has_one_idle_profile_and_its_own_address() -> None:
    new = port()
    assert [profile.name for profile in new.profiles.values()] == ["_"]
    assert (new.state, new.stream_count, new.highest_stream) == (State.IDLE, 0, 0)
    assert new.hw_mac == MAC
    assert new.line == 2.5e9


def test_a_profile_is_made_once() -> None:
    one = port()
    made = one.add_profile("a")
    assert one.add_profile("a") is made
    assert list(one.profiles) == ["_", "a"]


def test_streams_of_all_profiles_count() -> None:
    one = port()
    for profile, number in (("_", 4), ("a", 17), ("a", 5)):
        one.add_profile(profile).streams.add(read_stream(number, stream(continuous(1))))
    assert (one.stream_count, one.highest_stream) == (3, 17)


def test_its_state_is_the_strongest_of_its_profiles() -> None:
    one = port()
    one.profiles["_"].do(ProfileCommand.ADD)
    other = one.add_profile("a")
    seen = [one.state]
    other.do(ProfileCommand.ADD)
    other.do(ProfileCommand.START)
    assert list(one.active) == [other]
    seen.append(one.state)
    one.playing = True
    seen.append(one.state)
    assert seen == [State.STREAMS, State.TX, State.PCAP_TX]


def test_the_link_is_told() -> None:
    one = port()
    assert one.link_block["link"] == {"up": True}
    one.set_link(False)
    assert one.link_block["link"] == {"up": False}
    assert one.attributes.speed == 2.5


@pytest.mark.parametrize(
    ("service", "on"),
    [(Service(), False), (Service(True), True), (Service(filtered=True, mask=3), True)],
)
def test_service_mode_is_on_in_full_or_filtered(service: Service, on: bool) -> None:
    assert service.is_on is on
