"""The kinds of ports, and how they are named.

On the command line a port is `loop`, `null`, `interface:NAME` or `pcap:FILE`; the rest is in
options or in a configuration file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from scapy_server.services.ports.kinds.interface import open_interface
from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.kinds.pcap import open_pcap
from scapy_server.services.ports.plane.line import Line, LineError
from scapy_server.services.ports.wire.impairments import Impairments, parse


class LineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One port as the operator described it.

    `interface` and `file` are for the kinds of that name; `receive` is the capture that a
    pcap port receives. `wire` says what a loop does to packets, such as `delay=1ms,loss=1%`.
    """

    kind: str
    interface: str = ""
    file: str = ""
    receive: str = ""
    wire: str = ""


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


def impairments_of(spec: LineSpec) -> Impairments:
    """What the wire of a loop does; LineError when it is not described well."""
    try:
        return parse(spec.wire)
    except ValueError as error:
        raise LineError(f"the wire {spec.wire!r}: {error}") from None


_OPENERS: Mapping[str, Callable[[LineSpec], Line]] = {
    "null": lambda spec: Null(),
    "interface": lambda spec: open_interface(spec.interface),
    "pcap": lambda spec: open_pcap(spec.file, spec.receive),
}
#: All kinds, as messages list them.
KINDS = ("loop", *_OPENERS)


def spec_of(text: str) -> LineSpec:
    """The port that a word on the command line names; raises LineError."""
    kind, _, rest = text.partition(":")
    if kind not in KINDS:
        raise LineError(f"{text!r} is no kind of port; there are {', '.join(KINDS)}")
    if kind in {"interface", "pcap"} and not rest:
        raise LineError(f"{kind} needs a name, such as {kind}:{_EXAMPLES[kind]}")
    if kind == "interface":
        return LineSpec(kind, interface=rest)
    if kind == "pcap":
        file, _, receive = rest.partition(",")
        return LineSpec(kind, file=file, receive=receive)
    if kind == "null" and rest:
        raise LineError(f"a null port has no options, not {rest!r}")
    spec = LineSpec(kind, wire=rest)
    impairments_of(spec)
    return spec


_EXAMPLES = {"interface": "eth1", "pcap": "out.pcap"}
