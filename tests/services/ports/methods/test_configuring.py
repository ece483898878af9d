from __future__ import annotations

from dataclasses import replace

from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.plane.commands import Command, Configure, Done, Reply
from scapy_server.services.ports.plane.counters import Counters
from scapy_server.services.ports.state.attributes import Layers
from scapy_server.services.ports.state.port import Service
from tests.services.ports.rig import MACS, Rig


class Listening:
    """A data plane that only hears."""

    def __init__(self) -> None:
        self.numbers = [0, 1]
        self.counters = Counters(2)
        self.heard: list[Command] = []

    def ask(self, command: Command) -> Reply:
        self.heard.append(command)
        return Done()


def test_all_that_the_receive_side_needs_is_handed_over() -> None:
    rig, link = Rig(), Listening()
    port = rig.control.ports[1]
    rig.control.links[1] = link
    port.layers = Layers(MACS[1], MACS[0], ("1.1.1.2", "1.1.1.1"), "2001:db8::2", (7,))
    port.attributes = replace(port.attributes, promiscuous=True, vxlan_ports=(4789,))
    port.service, port.queue_size = Service(True, True, 3), 100
    configure(rig.control, port)
    assert link.heard == [
        Configure(
            port=1,
            mac=MACS[1],
            destination=MACS[0],
            ipv4="1.1.1.2",
            ipv4_peer="1.1.1.1",
            ipv6="2001:db8::2",
            vlans=[7],
            queue=100,
            service=True,
            filtered=3,
            promiscuous=True,
            vxlan=[4789],
        )
    ]


def test_a_port_without_addresses_has_none_to_tell() -> None:
    rig, link = Rig(), Listening()
    rig.control.links[0] = link
    configure(rig.control, rig.control.ports[0])
    assert link.heard == [Configure(0, MACS[0], MACS[1])]
