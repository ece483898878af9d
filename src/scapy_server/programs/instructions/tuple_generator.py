"""STLVmTupleGen: pairs of address and port."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.vm import TUPLE_PARTS, TupleVar, VmInstruction
from scapy_server.programs import parameters as p
from scapy_server.programs.instructions.base import Instruction
from scapy_server.programs.parameters import argument

UNLIMITED = 1  # the bit of `flags` that lets ports run on to 65535


@dataclass(frozen=True)
class TupleGenerator(Instruction):
    """Two variables that together go through pairs of address and port."""

    id: ClassVar[str] = "STLVmTupleGen"
    vm: ClassVar[type[VmInstruction]] = TupleVar
    summary: ClassVar[str] = (
        "Makes pairs of an IPv4 address and a port, one per packet: the address moves first, "
        "and after the last address the port moves by one. Write them by the names NAME.ip "
        "(4 bytes) and NAME.port (2 bytes); NAME.flow_limit (4 bytes) counts the flows."
    )
    example: ClassVar[Mapping[str, Any]] = {
        "name": "client",
        "ip_min": "16.0.0.1",
        "ip_max": "16.0.0.100",
        "port_min": "1025",
        "port_max": "65535",
        "limit_flows": "10000",
    }

    name: str = argument(p.NAME, "The name; the variables are NAME.ip and NAME.port.")
    ip_min: int = argument(
        p.IP_MIN, "The first address, as IPv4 address or number. Default: 0.0.0.1.", 1
    )
    ip_max: int = argument(
        p.IP_MAX, "The last address, as IPv4 address or number. Default: 0.0.0.10.", 10
    )
    port_min: int = argument(p.PORT_MIN, "The first port. Default: 1025.", 1025)
    port_max: int = argument(p.PORT_MAX, "The last port. Default: 65535.", 65535)
    limit_flows: int = argument(
        p.LIMIT_FLOWS,
        "After this many pairs start over with the first; 0: after all of them. Default: 100000.",
        100_000,
    )
    flags: int = argument(
        p.FLAGS,
        "1: no limit, ports go on to 65535 and again from 1025. Default: 0.",
        0,
    )

    @property
    def unlimited(self) -> bool:
        """Whether the flag that turns the limit off is set."""
        return bool(self.flags & UNLIMITED)

    @property
    def defines(self) -> Mapping[str, int]:
        return {f"{self.name}.{part}": size for part, size in TUPLE_PARTS.items()}

    def sentence(self) -> str:
        first, last = ipaddress.IPv4Address(self.ip_min), ipaddress.IPv4Address(self.ip_max)
        pairs = f"Tuple {self.name} pairs the addresses {first} to {last} with "
        if self.unlimited:
            return pairs + f"ports after {self.port_max} up to 65535, then from 1025 on."
        over = f", and starts over after {self.limit_flows} pairs" if self.limit_flows else ""
        return pairs + f"the ports {self.port_min} to {self.port_max}, addresses first{over}."
