from __future__ import annotations

import ipaddress
import socket

import pytest

from scapy_server.transport import address


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [
        ("*", "tcp://*:4507"),
        ("127.0.0.1", "tcp://127.0.0.1:4507"),
        ("lo", "tcp://lo:4507"),
        ("::1", "tcp://[::1]:4507"),
        ("::", "tcp://[::]:4507"),
        ("fe80::1%lo", "tcp://[fe80::1%lo]:4507"),
    ],
)
def test_endpoints(host: str, endpoint: str) -> None:
    assert address.endpoint(host, 4507) == endpoint


def test_names_become_addresses() -> None:
    assert address.endpoint("localhost", 1) == "tcp://127.0.0.1:1"


@pytest.mark.parametrize("host", ["", "a b", "999.1.1.1", "1.2.3.4:5", "x" * 300, "a..b", "\0"])
def test_nonsense_is_an_operating_system_error(host: str) -> None:
    with pytest.raises(OSError):
        address.endpoint(host, 1)


@pytest.mark.parametrize(
    ("endpoint", "needed"),
    [("tcp://*:1", True), ("tcp://[::1]:1", True), ("tcp://127.0.0.1:1", False)],
)
def test_ipv6_only_where_it_is_wanted(endpoint: str, needed: bool) -> None:
    assert address.wants_ipv6(endpoint) is needed


@pytest.mark.parametrize(
    ("bound", "parts"),
    [("tcp://0.0.0.0:4507", ("0.0.0.0", 4507)), ("tcp://[::1]:80", ("::1", 80))],
)
def test_bound_endpoints(bound: str, parts: tuple[str, int]) -> None:
    assert address.parse_endpoint(bound) == parts


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
