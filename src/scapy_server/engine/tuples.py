"""Addresses and ports that move together.

Source: semantics sections 3 and 8.
"""

from __future__ import annotations

from math import gcd

import numpy as np

from scapy_server.engine.program import TupleVar
from scapy_server.engine.sequences import Values

U32 = 0xFFFFFFFF
FIRST_FREE_PORT, LAST_PORT = 1025, 65535


class TupleFlows:
    """The flows of one core: every `cores`-th flow of the stream, from the `core`-th on.

    A `part` of it is what a program reads: "ip", "port" or "flow_limit".
    """

    def __init__(self, item: TupleVar, core: int, cores: int) -> None:
        self._item, self._core, self._cores = item, core, cores
        self._addresses = item.ip_max - item.ip_min + 1
        self._ports = item.port_max - item.port_min + 1
        self._limit = 0 if item.unlimited else item.limit_flows
        if self._limit and cores > 1:
            extra = self._limit % cores if core == 0 else 0
            self._limit = max(self._limit // cores + extra, 1)

    def part(self, part: str, run: int, count: int) -> Values:
        """The values of a part after `run`, `run` + 1, … runs."""
        if part == "flow_limit":
            return self._flow_limit(run, count)
        if self._item.unlimited:
            return self._unlimited(part, run, count)
        return self._flows(part, run, count)

    def _flow_limit(self, run: int, count: int) -> Values:
        if not self._limit:
            return np.zeros(count, np.uint32)
        first = (run - 1) % self._limit
        values = (np.arange(first, first + count) % self._limit + 1).astype(np.uint32)
        if run == 0:
            values[:1] = 0
        return values

    def _flows(self, part: str, run: int, count: int) -> Values:
        """ip = ip_min + flow mod addresses, port = port_min + flow div addresses mod ports."""
        turn = self._addresses * self._ports
        first = run - 1
        if self._limit and run > 0:
            first %= self._limit
            local = np.arange(first, first + count, dtype=np.uint64) % np.uint64(self._limit)
        elif self._limit:
            local = np.arange(-1, count - 1) % self._limit
            local = local.astype(np.uint64)
        else:
            local = np.arange(count, dtype=np.uint64)
        base = self._core if self._limit else self._core + self._cores * first
        flows = local * np.uint64(self._cores) + np.uint64(base % turn)
        values = self._divided(part, flows)
        if self._limit and run == 0:  # the start is the flow before the core's first one
            before = np.array([(self._core - self._cores) % turn], np.uint64)
            values[:1] = self._divided(part, before)
        return values

    def _divided(self, part: str, flows: Values) -> Values:
        addresses, ports = np.uint64(self._addresses), np.uint64(self._ports)
        turns = flows // addresses
        if part == "ip":
            values, low = flows - turns * addresses, self._item.ip_min
        else:
            values, low = turns - turns // ports * ports, self._item.port_min
        return _from(low, values)

    def _unlimited(self, part: str, run: int, count: int) -> Values:
        """The address steps by 1 on every core; ports go up past port_max, then from 1025."""
        item = self._item
        turns, before = divmod(self._core - self._cores, self._addresses)
        port = item.port_min + turns % self._ports
        if item.ip_max == U32:  # the engine's end of the range is never met
            if part == "port":
                return np.full(count, port, np.uint32)
            return _from(item.ip_min + before + run, np.arange(count, dtype=np.uint64))
        wraps, first = divmod(before + run, self._addresses)
        steps = np.arange(first, first + count, dtype=np.uint64)
        carried = steps // np.uint64(self._addresses)
        if part == "ip":
            return _from(item.ip_min, steps - carried * np.uint64(self._addresses))
        span = LAST_PORT - FIRST_FREE_PORT + 1
        if port + wraps > LAST_PORT:
            port = FIRST_FREE_PORT + (port + wraps - LAST_PORT - 1) % span
            wraps = 0
        ports = carried + np.uint64(port + wraps)
        beyond = (ports - np.uint64(LAST_PORT + 1)) % np.uint64(span) + np.uint64(FIRST_FREE_PORT)
        return _from(0, np.where(ports > LAST_PORT, beyond, ports))

    def cycle(self, part: str) -> tuple[int, int]:
        """(lead, period) of a part in runs."""
        item = self._item
        if part == "flow_limit":
            return (1, self._limit) if self._limit else (0, 1)
        if item.unlimited:
            if item.ip_max == U32:
                return (0, U32 + 1) if part == "ip" else (0, 1)
            if part == "ip":
                return 0, self._addresses
            low_ports = max(FIRST_FREE_PORT - item.port_min, 0)
            return low_ports * self._addresses, self._addresses * (LAST_PORT - FIRST_FREE_PORT + 1)
        turn = self._addresses if part == "ip" else self._addresses * self._ports
        if self._ports == 1 and part == "port":
            turn = 1
        if self._limit:
            return 1, self._limit
        return 0, turn // gcd(turn, self._cores)


def _from(low: int, values: Values) -> Values:
    """low + values, modulo 2**32."""
    moved: Values = values.astype(np.uint32) + np.uint32(low & U32)
    return moved
