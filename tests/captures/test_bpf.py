"""Capture filters."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.captures.bpf import NotAFilter, compiled
from tests.services.ports.rig import frame


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("udp", True),
        ("udp and src port 1025", True),
        ("tcp", False),
        ("host 16.0.0.1", True),
        ("net 48.0.0.0/8", True),
        ("ether src 00:00:00:02:00:00", True),
        ("udp[8:4]= 0x78787878 or (vlan && udp[8:4]= 0x78787878)", True),
        ("arp or (vlan and arp) or (vlan and arp)", False),
        ("icmp6 or (vlan and icmp6)", False),
        ("ip6 host 2001:db8::1", False),
        ("udp port 67 or 68", False),
        ("len <= 60", True),
        ("tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", False),
    ],
)
def test_filters_let_through_what_libpcap_would(text: str, matches: bool) -> None:
    lets_through = compiled(text)
    assert lets_through is not None
    assert lets_through(frame()) is matches


def test_no_text_lets_all_through() -> None:
    assert compiled("") is None
    assert compiled("  ") is None


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "udp and",
        "port (",
        "host example.com",
        "port http",
        "net loopback",
        "ether host gateway1",
        "udp" + " " * int(limits.FILTER_CHARACTERS),
        "udp\0",
    ],
)
def test_what_is_no_filter_or_would_look_names_up_is_refused(text: str) -> None:
    with pytest.raises(NotAFilter):
        compiled(text)


def test_a_filter_may_be_as_long_as_the_bound() -> None:
    assert compiled("udp".ljust(int(limits.FILTER_CHARACTERS))) is not None


@given(st.text())
def test_no_text_is_a_bug(text: str) -> None:
    with contextlib.suppress(NotAFilter):
        compiled(text)


@pytest.mark.parametrize("link_type", [101, 12, 14, 228])
def test_a_filter_reads_frames_by_their_link_type(link_type: int) -> None:
    packet = frame()[14:]
    lets_through = compiled("udp", link_type)
    assert lets_through is not None
    assert lets_through(packet)
    assert not lets_through(frame())


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(NotAFilter) as refused:
        compiled("udp and host example.com")
    assert refused.value.reason == (
        "'example' is no word of its language, and names are not looked up"
    )
    with pytest.raises(NotAFilter) as refused:
        compiled("udp port 99999")
    assert "99999" in refused.value.reason
