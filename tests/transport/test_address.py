from __future__ import annotations

import ipaddress
import socket

import pytest

from scapy_server.transport import address


@pytest.mark.parametrize(
    ("host", "family", "place"),
    [
        ("*", socket.AF_INET6, "::"),
        ("127.0.0.1", socket.AF_INET, "127.0.0.1"),
        ("lo", socket.AF_INET, "127.0.0.1"),
        ("localhost", socket.AF_INET, "127.0.0.1"),
        ("::1", socket.AF_INET6, "::1"),
        ("::", socket.AF_INET6, "::"),
    ],
)
def test_what_can_be_bound(host: str, family: socket.AddressFamily, place: str) -> None:
    found, address_to_bind = address.bindable(host, 4507)
    assert (found, address_to_bind[:2]) == (family, (place, 4507))


def test_a_link_local_address_keeps_its_interface() -> None:
    _, place = address.bindable("fe80::1%lo", 4507)
    assert place[-1] == socket.if_nametoindex("lo")


@pytest.mark.parametrize("host", ["", "a b", "999.1.1.1", "1.2.3.4:5", "x" * 300, "a..b", "\0"])
def test_nonsense_is_an_operating_system_error(host: str) -> None:
    with pytest.raises(OSError):
        address.bindable(host, 1)


def test_a_definite_address_is_told_as_it_is() -> None:
    assert address.reachable_address("127.0.0.1") == "127.0.0.1"
    assert address.reachable_address("fe80::1%lo") == "fe80::1%lo"


@pytest.mark.parametrize("unspecified", ["0.0.0.0", "::"])
def test_every_address_is_told_as_one_of_ours(unspecified: str) -> None:
    told = address.reachable_address(unspecified)
    assert not ipaddress.ip_address(told).is_unspecified
    family = socket.AF_INET6 if ":" in told else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((told, 0))  # only an address of this host can be bound


def test_without_a_network_there_is_still_this_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> socket.socket:
        raise OSError

    monkeypatch.setattr("scapy_server.transport.address.socket.socket", unreachable)
    assert address.reachable_address("0.0.0.0") == "127.0.0.1"
