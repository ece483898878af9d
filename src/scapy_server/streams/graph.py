"""How the rate of a profile changes over time, and its peak.

Every stream that starts by itself begins a walk along its chain; streams switch their rates
on and off as the walk passes them. Latency streams are summed up apart: no multiplier
changes them. A burst of few packets counts as next to nothing, so that it does not bind the
multiplier.

Source: docs/profiles.md, "The rate graph".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scapy_server import limits
from scapy_server.streams.rates import Rates, rates_of
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Continuous, MultiBurst, Stream

SMALL_BURST_PACKETS = 1000
SMALL_BURST_RATES = Rates(1.0, 112.0, 272.0)
SHOWN_EVENTS = 100
#: What the engine multiplies a share of the line by to say percent.
UTILIZATION = 100.01


class Switch(NamedTuple):
    """At `time` (microseconds) a stream's rates come (or, negative, go)."""

    time: float
    stream_id: int
    change: Rates


@dataclass(frozen=True)
class RateGraph:
    """The rates of a profile over time, as loaded.

    `fixed` are the latency streams together, `variable` is the peak of the others.
    `duration` is in microseconds, None if something never ends.
    """

    fixed: Rates
    variable: Rates
    switches: tuple[Switch, ...]
    duration: float | None
    line: float

    def at(self, factor: float) -> Rates:
        """The peak with a factor."""
        return Rates(
            *(own * factor + held for own, held in zip(self.variable, self.fixed, strict=True))
        )

    def report(self) -> dict[str, Any]:
        """What the RPC's `validate` answers."""
        rate: dict[str, float] = {}
        for name, factor in (("max", 1.0), ("min", 0.0)):
            peak = self.at(factor)
            rate[f"{name}_pps"], rate[f"{name}_bps_l2"], rate[f"{name}_bps_l1"] = peak
            rate[f"{name}_line_util"] = peak.l1 / self.line * UTILIZATION
        events = [
            {
                "time_usec": switch.time,
                "diff_pps": switch.change.pps,
                "diff_bps_l2": switch.change.l2,
                "diff_bps_l1": switch.change.l1,
                "stream_id": switch.stream_id,
            }
            for switch in self.switches[:SHOWN_EVENTS]
        ]
        duration = -1 if self.duration is None else int(self.duration)
        graph = {
            "expected_duration": duration,
            "events_count": len(self.switches),
            "events": events,
        }
        return {"rate": rate, "graph": graph}


def rate_graph(streams: Sequence[Stream], line: float) -> RateGraph:
    """The graph of a profile's streams, which come in the table's order.

    Raises StreamRefused where a stream leads to one that does not exist or is disabled.
    """
    enabled = {stream.stream_id: stream for stream in streams if stream.enabled}
    fixed = Rates()
    switches: list[Switch] = []
    endless = False
    own = {stream_id: rates_of(stream, line) for stream_id, stream in enabled.items()}
    steps = 0
    for root in enabled.values():
        if not root.self_start:
            continue
        offset = 0.0
        for stream in walk(root, enabled):
            steps += 1
            limits.RATE_GRAPH_STEPS.check(steps)
            if stream is None:
                endless = True
                break
            rates = own[stream.stream_id]
            if stream.is_sequenced:
                fixed = fixed.plus(rates)
                continue
            made, end = _switches(stream, rates, offset)
            switches += made
            if end is None:
                endless = True
                break
            offset = end
    switches.sort(key=lambda switch: switch.time)
    variable = now = Rates()
    for switch in switches:
        now = now.plus(switch.change)
        variable = variable.peak(now)
    duration = None if endless else switches[-1].time if switches else 0.0
    return RateGraph(fixed, variable, tuple(switches), duration, line)


def walk(root: Stream, enabled: Mapping[int, Stream]) -> Iterator[Stream | None]:
    """The streams of a chain in order; None stands for one that was met before."""
    met: set[int] = set()
    stream = root
    while True:
        met.add(stream.stream_id)
        yield stream
        if stream.next_id is None:
            return
        if stream.next_id in met:
            yield None
            return
        following = enabled.get(stream.next_id)
        if following is None:
            raise StreamRefused(
                f'"next_stream_id": there is no stream {stream.next_id}, or it is disabled',
                f"stream id {stream.next_id} does not exists",
                where=(stream.place,),
            )
        stream = following


def _switches(stream: Stream, rates: Rates, offset: float) -> tuple[list[Switch], float | None]:
    """The switches of a stream that is reached at an offset, and when it is over."""
    on = offset + stream.isg
    mode = stream.mode
    if isinstance(mode, Continuous):
        return [Switch(on, stream.stream_id, rates)], None
    length = ((mode.packets - 1) / rates.pps) * 1000 * 1000
    if isinstance(mode, MultiBurst):
        length = (length + mode.ibg) * mode.count
    if mode.packets < SMALL_BURST_PACKETS:
        rates = SMALL_BURST_RATES
    off = on + length
    return [
        Switch(on, stream.stream_id, rates),
        Switch(off, stream.stream_id, rates.times(-1.0)),
    ], off
