"""The kinds of ports, and what opens one of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from scapy_server.services.ports.kinds.interface import open_interface
from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.kinds.pcap import open_pcap
from scapy_server.services.ports.kinds.spec import LineSpec, impairments_of
from scapy_server.services.ports.plane.line import Line


def open_lines(raw: Sequence[Mapping[str, Any]], seed: int) -> list[Line]:
    """The lines of a data plane; raises LineError. Loops are pairs of neighbours."""
    specs = [msgspec.convert(each, LineSpec) for each in raw]
    lines: list[Line] = []
    while len(lines) < len(specs):
        spec = specs[len(lines)]
        if spec.kind == "loop":
            lines += loop(impairments_of(spec), seed)
        else:
            lines.append(_OPENERS[spec.kind](spec))
    return lines


_OPENERS: Mapping[str, Callable[[LineSpec], Line]] = {
    "null": lambda spec: Null(),
    "interface": lambda spec: open_interface(spec.interface),
    "pcap": lambda spec: open_pcap(spec.file, spec.receive),
}
