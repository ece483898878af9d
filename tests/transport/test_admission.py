from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.transport.admission import Admission, place_of

FAST = int(limits.NEW_CONNECTIONS_OF_AN_ADDRESS)


def filled(admission: Admission, address: str, count: int) -> float:
    """The time at which so many connections of an address are there."""
    now = 0.0
    for _ in range(count):
        now += 0.01
        assert admission.refusal(address, now) is None
        admission.entered(address)
    return now


def test_the_defaults_leave_room_for_people_behind_one_proxy() -> None:
    assert limits.CONNECTIONS_OF_AN_ADDRESS >= 512
    assert limits.NEW_CONNECTIONS_OF_AN_ADDRESS >= 500


def test_one_address_is_bounded_and_others_are_not_hurt() -> None:
    admission = Admission(10_000)
    now = filled(admission, "a", limits.CONNECTIONS_OF_AN_ADDRESS)
    assert admission.refusal("a", now + 1) == "address_connections"
    assert admission.refusal("b", now + 1) is None
    admission.left("a")
    assert admission.refusal("a", now + 2) is None


def test_new_ones_of_an_address_are_bounded_in_a_second() -> None:
    admission = Admission(10_000)
    assert [admission.refusal("a", 0.0) for _ in range(FAST + 1)] == [None] * FAST + ["rate"]
    assert admission.refusal("b", 0.0) is None
    assert admission.refusal("a", 2 / FAST) is None
    assert [admission.refusal("a", 2.0) for _ in range(FAST)] == [None] * FAST


def test_all_together_are_bounded_by_descriptors_and_by_number() -> None:
    admission = Admission(100)
    now = filled(admission, "a", 86)
    assert not admission.is_scarce
    now += filled(admission, "b", 14)
    assert admission.is_scarce
    assert admission.refusal("c", now + 1) == "connections"
    assert Admission(10**6).capacity == limits.CONNECTIONS


def test_addresses_are_forgotten() -> None:
    admission = Admission(100)
    for number in range(1000):
        admission.refusal(str(number), 0.0)
    admission.tick(0.5)
    assert admission.remembered == 1000
    admission.tick(1.5)
    assert admission.remembered == 0


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
