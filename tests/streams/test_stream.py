from __future__ import annotations

import pytest

from tests.streams.support import FRAME, counted, packet, stream


@pytest.mark.parametrize(
    ("flags", "destination", "source"),
    [
        (0, False, False),
        (1, False, True),
        (2, True, False),
        (3, True, True),
        (4, False, False),
        (5, False, False),
        (6, False, False),
        (7, False, False),
    ],
)
def test_which_mac_addresses_are_the_packets_own(
    flags: int, destination: bool, source: bool
) -> None:
    assert stream(flags=flags).keeps_macs == (destination, source)


def test_short_packets_are_padded() -> None:
    assert stream(packet=packet(FRAME[:20])).template == FRAME[:20] + bytes(40)
    assert stream(packet=packet(FRAME)).template == FRAME


def test_a_null_stream_keeps_its_place_but_is_not_marked() -> None:
    null = stream(flags=8, flow_stats=counted(7, "latency"))
    assert null.is_null
    assert null.is_sequenced
    assert null.marked is None


def test_a_stream_is_called_by_its_name_or_number() -> None:
    assert stream(5).name == "5"
    assert stream(5, name="udp").name == "udp"
