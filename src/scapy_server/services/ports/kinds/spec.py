"""How the kinds of ports are named.

On the command line a port is `loop`, `null`, `interface:NAME` or `pcap:FILE`; the rest is in
options or in a configuration file. Nothing is opened here, and no packet is touched.
"""

from __future__ import annotations

import msgspec

from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.wire.impairments import Impairments, parse

#: All kinds, as messages list them.
KINDS = ("loop", "null", "interface", "pcap")


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


def impairments_of(spec: LineSpec) -> Impairments:
    """What the wire of a loop does; LineError when it is not described well."""
    try:
        return parse(spec.wire)
    except ValueError as error:
        raise LineError(f"the wire {spec.wire!r}: {error}") from None


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
