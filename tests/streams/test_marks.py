from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet

from scapy_server.streams.marks import PortAddresses, mark, marked_frame
from tests.streams.support import counted, packet, stream

ETHER = Ether(src="0:0:0:0:0:1", dst="0:0:0:0:0:2")
PORT = PortAddresses(b"\x10" * 6, b"\x18" * 6)


def marked(made: Packet, ip_id: int | None, reserved: int = 0xFF00, start: int = 0) -> Packet:
    frame = bytearray(bytes(made))
    mark(frame, ip_id, reserved, start)
    return Ether(bytes(frame))


@given(st.integers(0, 0xFFFF), st.integers(0, 255), st.integers(0xFC00, 0xFFFF))
def test_a_marked_header_keeps_its_checksum_right(old: int, tos: int, ip_id: int) -> None:
    frame = marked(ETHER / Dot1Q(vlan=3) / IP(id=old, tos=tos) / UDP(), ip_id)
    assert (frame[IP].id, frame[IP].tos) == (ip_id, tos | 1)
    right = frame[IP].copy()
    del right.chksum
    assert IP(bytes(right)).chksum == frame[IP].chksum


def test_a_wrong_checksum_stays_wrong_by_as_much() -> None:
    right = marked(ETHER / IP(id=7) / UDP(), 0xFF01)
    base = Ether(bytes(ETHER / IP(id=7) / UDP()))
    wrong = marked(ETHER / IP(id=7, chksum=base[IP].chksum - 5) / UDP(), 0xFF01)
    assert right[IP].chksum - wrong[IP].chksum == 5


def test_ipv6_is_marked_in_its_flow_label() -> None:
    frame = marked(ETHER / IPv6(fl=0x12345, tc=0x40) / UDP(), 0xFF03)
    assert (frame[IPv6].fl, frame[IPv6].tc, frame[IPv6].version) == (0xFF03, 0x41, 6)
    assert marked(ETHER / IPv6(fl=0xFF05) / UDP(), None)[IPv6].fl == 0xEF05
    assert marked(ETHER / IPv6(fl=0xFEFF) / UDP(), None)[IPv6].fl == 0xFEFF


@pytest.mark.parametrize(("old", "new"), [(0xFEFF, 0xFEFF), (0xFF00, 0xEF00), (0xFFFF, 0xEFFF)])
def test_what_is_not_counted_must_not_look_so(old: int, new: int) -> None:
    frame = marked(ETHER / IP(id=old) / UDP(), None)
    assert frame[IP].id == new
    assert frame[IP].tos == 0


def test_other_packets_are_left_alone() -> None:
    frame = bytearray(range(64))
    mark(frame, 0xFF00, 0xFF00)
    assert frame == bytes(range(64))


def test_tunnels_are_marked_inside() -> None:
    tunnel = ETHER / IP(id=1) / UDP(dport=4789) / VXLAN() / ETHER / IP(id=2) / UDP()
    made = stream(packet=packet(bytes(tunnel)), flow_stats=counted(1, vxlan=True))
    frame = Ether(marked_frame(made, None, 0xFF02, 0xFF00))
    assert frame[IP].id == 1
    assert frame[VXLAN][IP].id == 0xFF02


def test_addresses_are_the_ports_unless_kept() -> None:
    assert marked_frame(stream(flags=0), PORT, None, 0xFF00)[:12] == b"\x10" * 6 + b"\x18" * 6
    assert marked_frame(stream(flags=3), PORT, None, 0xFF00)[:12] == stream().frame[:12]
    assert marked_frame(stream(flags=0), None, None, 0xFF00)[:12] == stream().frame[:12]
    kept_source = marked_frame(stream(flags=1), PORT, None, 0xFF00)
    assert kept_source[:12] == b"\x10" * 6 + stream().frame[6:12]
