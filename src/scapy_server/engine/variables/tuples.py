"""Addresses and ports that move together.

Source: docs/engine.md, "Tuples", "Several cores".
"""

from __future__ import annotations

from collections.abc import Collection
from math import gcd

import numpy as np

from scapy_server.engine.variables.sequences import Values
from scapy_server.engine.vm import TupleVar

U32 = 0xFFFFFFFF
FIRST_FREE_PORT, LAST_PORT = 1025, 65535
FREE_PORTS = LAST_PORT - FIRST_FREE_PORT + 1


def share_of(limit: int, core: int, cores: int) -> int:
    """What of a limit is a core's; the first one gets what is left over, and none gets nothing."""
    return max(limit // cores + (limit % cores if core == 0 else 0), 1) if limit else 0


class TupleFlows:
    """The flows of one core: every `cores`-th flow of the stream, from the `core`-th on.

    A `part` of it is what a program reads: "ip", "port" or "flow_limit".
    """

    def __init__(self, item: TupleVar, core: int, cores: int) -> None:
        self._item, self._core, self._cores = item, core, cores
        self._addresses = item.ip_max - item.ip_min + 1
        self._ports = item.port_max - item.port_min + 1
        self._limit = 0 if item.unlimited else share_of(item.limit_flows, core, cores)

    def part(self, part: str, run: int, count: int) -> Values:
        """The values of a part after `run`, `run` + 1, … runs."""
        if part == "flow_limit":
            return self._flow_limit(run, count)
        if self._item.unlimited:
            return self._unlimited(part, run, count)
        return self._flows(part, run, count)

    def span(self, part: str) -> tuple[int, int] | None:
        """The least and the largest value of a part, where it keeps to a range."""
        item = self._item
        if part == "flow_limit":
            return 0, self._limit
        if item.unlimited:
            return None if part == "port" or item.ip_max == U32 else (item.ip_min, item.ip_max)
        return (item.ip_min, item.ip_max) if part == "ip" else (item.port_min, item.port_max)

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

    @property
    def _start(self) -> tuple[int, int]:
        """Of an unlimited tuple: the place of its address, and its port, before it has run."""
        turns, before = divmod(self._core - self._cores, self._addresses)
        return before, self._item.port_min + turns % self._ports

    def _unlimited(self, part: str, run: int, count: int) -> Values:
        """The address steps by 1 on every core; ports go up past port_max, then from 1025."""
        item = self._item
        before, port = self._start
        if item.ip_max == U32:  # the engine's end of the range is never met
            if part == "port":
                return np.full(count, port, np.uint32)
            return _from(item.ip_min + before + run, np.arange(count, dtype=np.uint64))
        wraps, first = divmod(before + run, self._addresses)
        steps = np.arange(first, first + count, dtype=np.uint64)
        carried = steps // np.uint64(self._addresses)
        if part == "ip":
            return _from(item.ip_min, steps - carried * np.uint64(self._addresses))
        if port + wraps > LAST_PORT:
            port = FIRST_FREE_PORT + (port + wraps - LAST_PORT - 1) % FREE_PORTS
            wraps = 0
        ports = carried + np.uint64(port + wraps)
        beyond = (ports - np.uint64(LAST_PORT + 1)) % np.uint64(FREE_PORTS)
        beyond += np.uint64(FIRST_FREE_PORT)
        return _from(0, np.where(ports > LAST_PORT, beyond, ports))

    def cycle(self, parts: Collection[str]) -> tuple[int, int, int]:
        """(lead, period, different values in both) of some parts together, in runs.

        The first run is the one after the start: what shows before the first run is
        left to `late_cycle`. On one core they are exact and the least.
        """
        if "flow_limit" in parts and self._limit:
            return 0, self._limit, self._limit
        parts = [part for part in parts if part != "flow_limit"]
        if not parts:
            return 0, 1, 1
        if self._item.unlimited:
            return self._unlimited_cycle(parts)
        addresses = self._addresses if "ip" in parts else 1
        ports = self._ports if "port" in parts else 1
        different = addresses * ports
        # A port that is the only one does not move, and the addresses go round without it.
        turn = self._addresses * ports if ports > 1 else addresses
        if not self._limit:
            return 0, turn // gcd(turn, self._cores), different
        return self._limited_cycle(turn, addresses, ports)

    def _limited_cycle(self, turn: int, addresses: int, ports: int) -> tuple[int, int, int]:
        """Of flows that start over after the limit, where all flows would take `turn`.

        What starts over after 7 of 0 1 2 repeats every 7, as 0 1 2 0 1 2 0 and then 0 does:
        a shorter period would have to take the first 0 to a 0, and so be a multiple of 3,
        which does not divide 7. Only if the turn divides the limit is the cut never seen. Of
        ports alone, each stays for as many flows as there are addresses, and the same
        holds of these; as long as one port is all that is reached, it never moves.
        """
        different = addresses * ports
        if self._cores > 1:
            return 0, self._limit, min(self._limit, different)
        if self._limit % turn == 0:
            return 0, turn, different
        if addresses > 1 or self._addresses == 1:
            return 0, self._limit, min(self._limit, different)
        used = min(-(-self._limit // self._addresses), ports)
        return 0, self._limit if used > 1 else 1, used

    def _unlimited_cycle(self, parts: Collection[str]) -> tuple[int, int, int]:
        if self._item.ip_max == U32:
            return (0, U32 + 1, U32 + 1) if "ip" in parts else (0, 1, 1)
        addresses = self._addresses if "ip" in parts else 1
        if "port" not in parts:
            return 0, addresses, addresses
        # Ports below 1025 do not come again. The first one that shows is the start's, moved
        # on if the first run ends the round of addresses, as it does on one core.
        before, port = self._start
        moved, place = divmod(before + 1, self._addresses)
        early = max(FIRST_FREE_PORT - (port + moved), 0)
        lead = max(early * self._addresses - place, 0)
        return lead, FREE_PORTS * self._addresses, (early + FREE_PORTS) * addresses

    def late_cycle(self, parts: Collection[str]) -> tuple[int, int, int]:
        """The same as `cycle`, beginning with what shows before the first run."""
        lead, period, different = self.cycle(parts)
        start, ends = self._together(parts, 0), self._together(parts, period)
        if not lead and start == ends:
            return 0, period, different
        return lead + 1, period, different + (not self._comes(parts, different))

    def _together(self, parts: Collection[str], run: int) -> list[int]:
        return [int(self.part(part, run, 1)[0]) for part in sorted(parts)]

    def _comes(self, parts: Collection[str], different: int) -> bool:
        """Whether the start, the last address and the last port, shows again later."""
        if "flow_limit" in parts and self._limit:
            return False
        if self._item.unlimited:
            return "port" not in parts or self._start[1] >= FIRST_FREE_PORT
        addresses = self._addresses if "ip" in parts else 1
        ports = self._ports if "port" in parts else 1
        return different == addresses * ports


def _from(low: int, values: Values) -> Values:
    """low + values, modulo 2**32."""
    moved: Values = values.astype(np.uint32) + np.uint32(low & U32)
    return moved
