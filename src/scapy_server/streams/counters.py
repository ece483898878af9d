"""Which number each counted stream gets, and which streams may be counted together.

Users count under numbers of their own (pg ids); packets carry numbers that are handed out in
the order in which new ids come by when the tables are walked at start.

Source: docs/profiles.md, "Marks", "What is refused".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.vm import FlowVar, Trim
from scapy_server.streams.headers import UDP, inner_frame, read_headers
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import FlowStats, Rule, Stream

#: Bytes at the end of a packet that carry its number and time.
LATENCY_HEADER_BYTES = 16
#: And those of a time message before it.
TIME_MESSAGE_BYTES = 44
MINIMUM_TRIMMED_LATENCY = 76
#: How many numbers there are of each kind.
NUMBERS: dict[Rule, int] = {"stats": 1023, "latency": 128, "tpg": 1}
#: (port, profile, stream id)
Owner = tuple[int, str, int]


@dataclass
class _Known:
    rule: Rule
    protocol: int | None
    owners: set[Owner] = field(default_factory=set)


class Counters:
    """The ids that streams are counted under, over all ports."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._numbers: dict[tuple[Rule, int], int] = {}

    def register(self, owner: Owner, stream: Stream) -> None:
        """Note that a stream is counted; raises StreamRefused where it cannot be."""
        stats = stream.marked
        if stats is None:
            return
        protocol = _protocol(stream, stats)
        known = self._known.get(stats.pg_id)
        if known is not None:
            _check_shared(stream, stats, known, protocol)
        self._known.setdefault(stats.pg_id, _Known(stats.rule, protocol)).owners.add(owner)

    def release(self, owner: Owner, stream: Stream) -> None:
        """Forget a stream that is removed; the last one of an id gives its number back."""
        stats = stream.marked
        known = None if stats is None else self._known.get(stats.pg_id)
        if stats is None or known is None:
            return
        known.owners.discard(owner)
        if not known.owners:
            del self._known[stats.pg_id]
            self._numbers.pop((stats.rule, stats.pg_id), None)

    def number(self, streams: Iterable[Stream]) -> dict[int, int]:
        """The number of each counted stream by its id; new ones are handed out in order.

        Raises StreamRefused when there are none left.
        """
        found = {}
        for stream in streams:
            if stream.marked is not None:
                found[stream.stream_id] = self._number(stream, stream.marked)
        return found

    def _number(self, stream: Stream, stats: FlowStats) -> int:
        key = stats.rule, stats.pg_id
        if key not in self._numbers:
            used = {n for (rule, _), n in self._numbers.items() if rule == stats.rule}
            free = next((n for n in range(NUMBERS[stats.rule]) if n not in used), None)
            if free is None:
                raise _refused(
                    stream,
                    f"all {NUMBERS[stats.rule]} numbers of the rule {stats.rule} are in use",
                    "Failed allocating statistic counter. Probably all are used for this rule "
                    "type.",
                )
            self._numbers[key] = free
        return self._numbers[key]


def _refused(stream: Stream, problem: str, text: str) -> StreamRefused:
    where = (stream.place, "flow_stats")
    return StreamRefused(problem, text, where=where)


def _check_shared(stream: Stream, stats: FlowStats, known: _Known, protocol: int | None) -> None:
    if known.rule == "latency":
        raise _refused(
            stream,
            f"pg id {stats.pg_id} is that of a latency stream, which must have it alone",
            "For payload rules: Can't have two streams with same pg_id, or same stream on more "
            "than one port",
        )
    if stats.rule != known.rule or protocol != known.protocol:
        raise _refused(
            stream,
            f"pg id {stats.pg_id} counts packets of another protocol",
            "Can't use same pg_id for streams with different l4 protocol",
        )


def _protocol(stream: Stream, stats: FlowStats) -> int | None:
    """The L4 protocol that is counted; raises StreamRefused for a packet that cannot be."""
    frame, start = stream.template, 0
    if stats.vxlan:
        if read_headers(frame).protocol != UDP:
            raise _refused(
                stream,
                "VXLAN is carried by UDP, and the packet has none",
                "VXLAN tunnel requires UDP",
            )
        start = inner_frame(frame) or 0
        if not start:
            raise _refused(
                stream,
                "the packet ends before its VXLAN header does",
                "Packet is too small to have VXLAN tunnel",
            )
    headers = read_headers(frame, start)
    if stats.rule == "stats" and headers.version is None:
        raise _refused(
            stream,
            "only packets of IPv4 and IPv6 can be counted",
            "Failed determining l3 proto for packet",
        )
    if stats.rule == "latency":
        _check_room(stream, stats, len(frame) - headers.payload)
    return headers.protocol


def _check_room(stream: Stream, stats: FlowStats, payload: int) -> None:
    needed = LATENCY_HEADER_BYTES + (TIME_MESSAGE_BYTES if stats.ieee_1588 else 0)
    if payload <= 0:
        raise _refused(
            stream,
            f"a latency stream needs {needed} bytes after its headers, and there are none",
            "Failed getting payload len",
        )
    if payload < needed:
        raise _refused(
            stream,
            f"a latency stream needs {needed} bytes after its headers, and there are {payload}",
            f"Need at least {needed} payload bytes for payload rules. Packet only has {payload} "
            "bytes",
        )
    shortest = shortest_cut(stream)
    least = max(len(stream.template) - payload + LATENCY_HEADER_BYTES, MINIMUM_TRIMMED_LATENCY)
    if shortest is not None and shortest < least:
        raise _refused(
            stream,
            f"its program cuts packets down to {shortest} bytes, and a latency stream like this "
            f"needs {least}",
            f"You specified field engine with minimum packet size of {shortest} bytes. For "
            "latency together with random packet size, minimum packet size should be at least "
            f"{least}",
        )


def shortest_cut(stream: Stream) -> int | None:
    """The least length that the program may cut packets to; None if it cuts none."""
    items = stream.program.instructions
    trims = [item.name for item in items if isinstance(item, Trim)]
    for item in items:
        if trims and isinstance(item, FlowVar) and item.name == trims[-1]:
            low = min(item.value_list) if item.value_list else item.padded_range[0]
            return max(min(low, len(stream.template)), PADDED_FRAME_BYTES)
    return None
