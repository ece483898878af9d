from __future__ import annotations

from typing import Literal

import pytest

from scapy_server.engine.headers import IP, TCP, UDP, IpHeader, hardware_header
from scapy_server.engine.vm import FixHardware
from tests.engine.programs import TEMPLATES


def test_what_is_read_of_a_header() -> None:
    four, six = IpHeader(14, TEMPLATES["tcp"]), IpHeader(14, TEMPLATES["icmpv6"])
    assert (four.version, four.length, four.protocol) == (4, 20, 6)
    assert (six.version, six.protocol) == (6, 58)


def test_past_the_packet_there_are_zeros() -> None:
    header = IpHeader(14, TEMPLATES["tcp"][:15])
    assert (header.version, header.length, header.protocol) == (4, 20, 0)
    assert IpHeader(60, b"").version == 0


@pytest.mark.parametrize(
    ("template", "l3", "kind", "found"),
    [
        ("tcp", 20, TCP, (34, True, 50)),
        ("tcp", 20, UDP, (34, True, 50)),  # the template says that it is TCP
        ("tcp", 8, TCP, (22, True, 38)),
        ("tcp", 8, IP, (34, True, 50)),  # the header says how long it is
        ("udp", 20, TCP, (34, False, 40)),
        ("udp", 0, IP, (34, False, 40)),
        ("tcp6", 40, TCP, (54, True, 70)),
        ("tcp6", 40, UDP, (54, False, 60)),  # over IPv6 the instruction says it
        ("tcp6", 48, TCP, (62, True, 78)),
    ],
)
def test_where_a_card_puts_the_checksum(
    template: str, l3: int, kind: Literal[11, 13, 17], found: tuple[int, bool, int]
) -> None:
    header = hardware_header(FixHardware(14, l3, kind), TEMPLATES[template])
    assert (header.offset, header.is_tcp, header.checksum) == found
    assert header.size == (20 if header.is_tcp else 8)
