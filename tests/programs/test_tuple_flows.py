from __future__ import annotations

import itertools

import pytest

from scapy_server.programs.instructions import TupleGenerator
from scapy_server.programs.tuple_flows import TupleFlows


def flows(addresses: int, first: int, last: int, limit: int = 0, flags: int = 0) -> TupleFlows:
    generator = TupleGenerator(
        name="t",
        ip_min=1,
        ip_max=addresses,
        port_min=first,
        port_max=last,
        limit_flows=limit,
        flags=flags,
    )
    return TupleFlows(generator)


def pairs(tuple_flows: TupleFlows, count: int) -> list[tuple[int, int]]:
    moves = range(1, count + 1)
    return [(tuple_flows.value("ip", n), tuple_flows.value("port", n)) for n in moves]


def test_addresses_move_first() -> None:
    expected = [(1, 10), (2, 10), (3, 10), (1, 11), (2, 11), (3, 11), (1, 10)]
    assert pairs(flows(3, 10, 11), 7) == expected


def test_the_limit_starts_over_anywhere() -> None:
    limited = flows(3, 10, 12, limit=4)
    assert pairs(limited, 6) == [(1, 10), (2, 10), (3, 10), (1, 11), (1, 10), (2, 10)]
    assert [limited.value("flow_limit", n) for n in range(6)] == [0, 1, 2, 3, 4, 1]


def test_without_a_limit_ports_go_on_to_the_last_and_again_from_1025() -> None:
    unlimited = flows(2, 65533, 65534, limit=1, flags=1)
    ports = [(1, 65535), (2, 65535), (1, 1025), (2, 1025), (1, 1026), (2, 1026)]
    assert pairs(unlimited, 6) == ports
    assert unlimited.value("flow_limit", 3) == 0
    assert pairs(flows(3, 10, 20, flags=1), 4) == [(1, 21), (2, 21), (3, 21), (1, 22)]
    assert pairs(flows(1, 10, 65535, flags=1), 1) == [(1, 1025)]


PARTS = ("ip", "port", "flow_limit")
SOME_PARTS = [parts for n in (1, 2, 3) for parts in itertools.combinations(PARTS, n)]


@pytest.mark.parametrize("addresses", [1, 2, 3])
@pytest.mark.parametrize("ports", [1, 2, 4])
@pytest.mark.parametrize("limit", [0, 1, 2, 3, 5, 6, 8, 12, 13, 24])
def test_cycles(addresses: int, ports: int, limit: int) -> None:
    tuple_flows = flows(addresses, 50, 49 + ports, limit)
    for parts in SOME_PARTS:
        lead, period, different = tuple_flows.cycle(frozenset(parts))
        shown = [
            tuple(tuple_flows.value(part, n) for part in parts) for n in range(1, 2 * period + 1)
        ]
        assert lead == 0
        assert shown[:period] == shown[period:], parts
        assert len(set(shown)) == different, parts
        assert not any(
            period % shorter == 0 and shown == shown[:shorter] * (2 * period // shorter)
            for shorter in range(1, period)
        ), parts


def test_an_unlimited_tuple_may_begin_below_its_later_ports() -> None:
    unlimited = flows(2, 10, 1020, flags=1)
    lead, period, different = unlimited.cycle(frozenset({"ip", "port"}))
    assert (lead, period) == (2 * 4, 2 * 64511)
    shown = pairs(unlimited, lead + 2 * period)
    assert shown[lead : lead + period] == shown[lead + period :]
    assert len(set(shown)) == different
