"""What is said of a tuple's cycles, against its flows one by one."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.variables.tuples import FREE_PORTS, TupleFlows
from scapy_server.engine.vm import TupleVar
from tests.engine.oracle import Tuple, least_cycle

PARTS = ("ip", "port", "flow_limit")
LAST = 0xFFFFFFFF


def tuple_of(
    ip: tuple[int, int], port: tuple[int, int], limit: int = 0, flags: int = 0
) -> TupleVar:
    return TupleVar("t", *ip, *port, limit_flows=limit, flags=flags)


def flows(item: TupleVar, parts: list[str], count: int) -> list[tuple[int, ...]]:
    """What the parts show before the first run and after each."""
    literal = Tuple(msgspec.to_builtins(item), 0, 1)
    shown = []
    for _ in range(count):
        shown.append(tuple(int(getattr(literal, part).value) for part in parts))
        literal.run()
    return shown


def check_least(said: tuple[int, int, int], shown: list[tuple[int, ...]]) -> None:
    lead, period, different = said
    assert len(set(shown[: lead + period])) == different
    assert shown[lead : lead + period] == shown[lead + period : lead + 2 * period]
    assert least_cycle(shown[: lead + period], lead) == (lead, period)


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 24, 40]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3, unique=True),
)
def test_limited(addresses: int, ports: int, limit: int, parts: list[str]) -> None:
    item = tuple_of((7, 6 + addresses), (80, 79 + ports), limit)
    shown = flows(item, parts, 200)
    check_least(TupleFlows(item, 0, 1).late_cycle(parts), shown)
    check_least(TupleFlows(item, 0, 1).cycle(parts), shown[1:])


@pytest.mark.parametrize(
    ("ip", "port", "parts", "cycle", "late"),
    [
        # 255.255.255.255 as the last address: it counts through all, and the port stays.
        ((LAST - 1, LAST), (2000, 2003), ["ip", "port"], (0, LAST + 1, LAST + 1),
         (0, LAST + 1, LAST + 1)),
        ((LAST - 1, LAST), (2000, 2003), ["port"], (0, 1, 1), (0, 1, 1)),
        ((5, 6), (2000, 2003), ["ip"], (0, 2, 2), (0, 2, 2)),
        # Ports from 1003 on to 65535, then from 1025: the first 22 do not come again.
        ((5, 6), (1000, 1002), ["ip", "port"], (44, 2 * FREE_PORTS, 2 * (22 + FREE_PORTS)),
         (45, 2 * FREE_PORTS, 2 * (22 + FREE_PORTS) + 1)),
        ((5, 6), (1000, 1002), ["port"], (44, 2 * FREE_PORTS, 22 + FREE_PORTS),
         (45, 2 * FREE_PORTS, 22 + FREE_PORTS + 1)),
        ((5, 6), (65535, 65535), ["ip", "port"], (0, 2 * FREE_PORTS, 2 * FREE_PORTS),
         (0, 2 * FREE_PORTS, 2 * FREE_PORTS)),
    ],
)  # fmt: skip
def test_unlimited(
    ip: tuple[int, int],
    port: tuple[int, int],
    parts: list[str],
    cycle: tuple[int, int, int],
    late: tuple[int, int, int],
) -> None:
    item = tuple_of(ip, port, flags=1)
    tuples = TupleFlows(item, 0, 1)
    assert tuples.cycle(parts) == cycle
    assert tuples.late_cycle(parts) == late
    shown = flows(item, parts, 400)
    for place, part in enumerate(parts):
        assert tuples.part(part, 0, 400).tolist() == [values[place] for values in shown]
    lead, period, _ = late
    if lead < 400:
        for part in parts:
            again = tuples.part(part, lead + period, 50).tolist()
            assert tuples.part(part, lead, 50).tolist() == again


def test_before_it_has_run_it_shows_the_last_pair_whatever_the_limit() -> None:
    for limit in (0, 1, 4, 20, 100):
        tuples = TupleFlows(tuple_of((1, 5), (80, 83), limit), 0, 1)
        assert [int(tuples.part(part, 0, 1)[0]) for part in PARTS] == [5, 83, 0]
