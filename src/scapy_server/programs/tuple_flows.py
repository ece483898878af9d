"""The pairs of a tuple generator, as functions of how often it has been moved.

Source: the engine's behaviour when it sends, as measured on its simulator.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scapy_server.programs.instructions import TupleGenerator

FIRST_UNLIMITED_PORT = 1025
LAST_PORT = 65_535


@dataclass(frozen=True)
class TupleFlows:
    """What the parts of a tuple show; the first packet is moved once."""

    generator: TupleGenerator

    def value(self, part: str, moves: int) -> int:
        """A part after so many moves; after none, that of the last pair."""
        generator, flow = self.generator, moves - 1
        if part == "flow_limit":
            limit = 0 if generator.unlimited else generator.limit_flows
            return flow % limit + 1 if limit and moves else 0
        if not generator.unlimited and generator.limit_flows:
            flow %= generator.limit_flows
        rounds, address = divmod(flow, generator.addresses)
        if part == "ip":
            return generator.ip_min + address
        if not generator.unlimited:
            return generator.port_min + rounds % generator.ports
        port = self._first_unlimited + rounds
        if port > LAST_PORT:
            port = (port - FIRST_UNLIMITED_PORT) % self._unlimited_ports + FIRST_UNLIMITED_PORT
        return port

    @property
    def _first_unlimited(self) -> int:
        after = self.generator.port_max + 1
        return after if after <= LAST_PORT else FIRST_UNLIMITED_PORT

    @property
    def _unlimited_ports(self) -> int:
        return LAST_PORT - FIRST_UNLIMITED_PORT + 1

    def cycle(self, parts: frozenset[str]) -> tuple[int, int, int]:
        """(lead, period, different values in lead and period) of some parts together."""
        generator = self.generator
        addresses = generator.addresses if "ip" in parts else 1
        if generator.unlimited:
            return self._unlimited_cycle(parts, addresses)
        ports = generator.ports if "port" in parts else 1
        pairs = generator.addresses * ports if "port" in parts and ports > 1 else addresses
        different = addresses * ports
        limit = generator.limit_flows
        if not limit:
            return 0, pairs, different
        if "flow_limit" in parts:
            return 0, limit, limit
        if limit % pairs == 0:
            return 0, pairs, different
        if "ip" not in parts:
            used = min(math.ceil(limit / generator.addresses), ports)
            return 0, limit if used > 1 else 1, used
        return 0, limit, min(limit, different)

    def _unlimited_cycle(self, parts: frozenset[str], addresses: int) -> tuple[int, int, int]:
        if "port" not in parts:
            return 0, addresses, addresses
        early = max(FIRST_UNLIMITED_PORT - self._first_unlimited, 0)
        lead = early * self.generator.addresses
        different = (early + self._unlimited_ports) * addresses
        return lead, self._unlimited_ports * self.generator.addresses, different
