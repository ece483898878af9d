from __future__ import annotations

import tracemalloc

import pytest

from scapy_server import limits
from scapy_server.transport.admission import Admission, place_of

FAST = int(limits.NEW_CONNECTIONS_OF_AN_ADDRESS)


def filled(admission: Admission, address: str, count: int) -> None:
    """Let so many connections of an address come, not too fast."""
    now = 0.0
    for _ in range(count):
        now += 0.01
        assert admission.may_open(address, now)
        assert admission.refusal(address) is None
        admission.entered(address)


def test_the_defaults_leave_room_for_people_behind_one_proxy() -> None:
    assert limits.CONNECTIONS_OF_AN_ADDRESS >= 512
    assert limits.NEW_CONNECTIONS_OF_AN_ADDRESS >= 500


def test_one_address_is_bounded_and_others_are_not_hurt() -> None:
    admission = Admission(10_000)
    filled(admission, "a", limits.CONNECTIONS_OF_AN_ADDRESS)
    assert admission.refusal("a") == "address_connections"
    assert admission.refusal("b") is None
    admission.left("a")
    assert admission.refusal("a") is None


def test_new_ones_of_an_address_are_bounded_in_a_second() -> None:
    admission = Admission(10_000)
    assert [admission.may_open("a", 0.0) for _ in range(FAST + 1)] == [True] * FAST + [False]
    assert admission.may_open("b", 0.0)
    assert admission.may_open("a", 2 / FAST)
    assert all(admission.may_open("a", 2.0) for _ in range(FAST))


def test_all_together_are_bounded_by_descriptors_and_by_number() -> None:
    admission = Admission(100)
    filled(admission, "a", 86)
    assert not admission.is_scarce
    filled(admission, "b", 14)
    assert admission.is_scarce
    assert admission.refusal("c") == "connections"
    assert Admission(10**6).capacity == limits.CONNECTIONS


def test_addresses_are_forgotten() -> None:
    admission = Admission(100)
    tracemalloc.start()
    try:
        for number in range(10_000):
            admission.may_open(str(number), 0.0)
        admission.tick(0.5)
        full, _ = tracemalloc.get_traced_memory()
        admission.tick(1.5)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < full / 2  # the table itself does not shrink


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("a:b", "a:b"),
    ],
)
def test_what_of_an_address_is_one_place(address: str, place: str) -> None:
    assert place_of(address) == place
