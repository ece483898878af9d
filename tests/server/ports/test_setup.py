"""From settings to ports."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from scapy_server.server.ports.settings import PortSettings, PortsSettings
from scapy_server.server.ports.setup import clock_of, control_of
from scapy_server.services.ports.kinds.spec import spec_of
from scapy_server.services.ports.plane.counters import Counters
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.process.link import ProcessLink
from tests.services.ports.rig import NoBridges, NoExports

MAC = bytes.fromhex("0a0000000001")


def port(text: str = "loop", **more: Any) -> PortSettings:
    return PortSettings(spec_of(text), 10.0, **more)


class Told:
    """A data plane that has come so far."""

    def __init__(self, now: float) -> None:
        self.counters = Counters(1)
        self.counters.clock[0] = now


def test_the_clock_is_the_walls_or_the_one_that_is_ahead() -> None:
    links = cast(list[ProcessLink], [Told(1.5), Told(7.5)])
    assert clock_of(PortsSettings(clock="virtual"), links)() == 7.5
    assert clock_of(PortsSettings(clock="virtual"), [])() == 0.0
    before = time.monotonic()
    assert before <= clock_of(PortsSettings(), links)() <= time.monotonic()


@pytest.mark.processes
def test_neighbours_share_a_data_plane_and_send_to_each_other() -> None:
    settings = PortsSettings(ports=(port(), port(mac=MAC), port("null")), cores=3)
    with control_of(settings, NoBridges(), NoExports()) as (control, links):
        assert [list(link.numbers) for link in links] == [[0, 1], [2]]
        layers = [each.layers for each in control.ports.values()]
        assert [each.source.hex(":") for each in layers] == [
            "02:00:00:00:00:10",
            "0a:00:00:00:00:01",
            "02:00:00:00:00:12",
        ]
        assert [each.destination for each in layers] == [
            MAC,
            layers[0].source,
            layers[2].source,  # nobody is there to be found
        ]
        assert [each.description for each in control.ports.values()] == [
            "loop (software port)",
            "loop (software port)",
            "null (software port)",
        ]
        assert (control.setup.cores, control.setup.shown_cores) == (3, 3)


@pytest.mark.processes
def test_a_line_that_does_not_open_ends_it_all() -> None:
    settings = PortsSettings(ports=(port("null"), port("null"), port("pcap:/nowhere/out.pcap")))
    with (
        pytest.raises(LineError, match=r"/nowhere/out\.pcap"),
        control_of(settings, NoBridges(), NoExports()),
    ):
        pytest.fail("it was opened")
