from __future__ import annotations

import pytest
from scapy.contrib.socks import SOCKS, SOCKS5Request
from scapy.layers.igmp import IGMP
from scapy.layers.inet import IP, TCP, IPOption_Router_Alert
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from scapy_server.packet.layers import scapy_state

pytestmark = pytest.mark.usefixtures("registry")


def test_kept_bytes_are_built_whatever_the_values_are() -> None:
    packet = Raw(load=b"ab")
    scapy_state.keep_bytes(packet, b"xyz")
    assert packet.build() == b"xyz" == scapy_state.kept_bytes(packet)
    scapy_state.forget_bytes(packet)
    assert packet.build() == b"ab" and scapy_state.kept_bytes(packet) is None


def test_linking_changes_nothing_but_the_link_and_what_the_payload_gives() -> None:
    ip, igmp = IP(proto=2), IGMP()
    scapy_state.link(ip, igmp)
    assert ip.options == [] and igmp.underlayer is ip and ip.payload is igmp
    ether, other = Ether(), IP()
    scapy_state.link(ether, other)
    assert ether.type == 0x0800


@pytest.mark.parametrize("options", [[], [IPOption_Router_Alert()]])
def test_stacking_fills_in_only_what_nobody_gave(options: list[Packet]) -> None:
    ip = IP()
    ip.options = list(options)
    scapy_state.note_given(ip, "options")
    scapy_state.stack_on(ip, IGMP())
    assert ip.options == options


def test_stacking_keeps_a_given_port_and_fills_in_the_other() -> None:
    tcp, socks = TCP(dport=9999), SOCKS()
    scapy_state.note_given(tcp, "dport")
    scapy_state.stack_on(tcp, socks)
    scapy_state.stack_on(socks, SOCKS5Request())
    assert (tcp.dport, tcp.sport) == (9999, 1081)


def test_a_snapshot_undoes_what_was_written_into_a_layer() -> None:
    packet = IP(ttl=9, options=[])
    scapy_state.keep_bytes(packet, b"E")
    snapshot = scapy_state.Snapshot.of(packet)
    packet.ttl = 3
    packet.tos = 1
    packet.options.append(IPOption_Router_Alert())
    snapshot.restore()
    assert (packet.ttl, packet.tos, packet.options) == (9, 0, [])
    assert scapy_state.kept_bytes(packet) == b"E"


def test_a_payload_is_handed_out_when_it_is_taken_off() -> None:
    ip, raw = IP(), Raw()
    scapy_state.link(ip, raw)
    assert scapy_state.detach_payload(ip) is raw and raw.underlayer is None
    scapy_state.settle(ip)
    assert ip.explicit
