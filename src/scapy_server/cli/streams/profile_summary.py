"""What a profile would send, in numbers: `render --dry-run`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from scapy_server.engine.captures import Layout
from scapy_server.streams.rates import expected_length
from scapy_server.streams.traffic import Started, Traffic

#: So many packets are counted one by one; of more, only how many there were by then is told.
COUNTED_PACKETS = 20_000_000


def summary(traffic: Traffic, layout: Layout, most: int | None = None) -> Iterator[str]:
    """Packets, bytes, duration, streams and rates, a line each."""
    counts, seconds, whole = _counted(traffic, most)
    flows = traffic.schedule.flows
    lengths = np.array(
        [expected_length(f.share.stream.program, len(f.share.stream.template)) for f in flows]
    )
    about = "" if all(float(n).is_integer() for n in lengths) and whole else "about "
    records = np.array([layout.record_size(math.ceil(length)) for length in lengths])
    more = "" if whole else " and more"
    yield f"packets:  {int(counts.sum())}{more}"
    size = len(layout.prefix) + int((counts * records).sum())
    yield f"bytes:    {about}{size} in the capture"
    yield f"duration: {seconds:g} seconds{more}"
    sent = {
        (flows[n].group, flows[n].share.stream.stream_id) for n in np.flatnonzero(counts).tolist()
    }
    total = sum(len(started.profile) for started in traffic.started)
    yield f"streams:  {len(sent)} of {total} send"
    if seconds > 0:
        bits = 8 * float((counts * (lengths + 4)).sum()) / seconds
        yield f"mean:     {int(counts.sum()) / seconds:g} packets, {bits:g} bits a second"
    for started in traffic.started:
        yield _peak(started, traffic.setting.line)


def _counted(traffic: Traffic, most: int | None) -> tuple[np.ndarray, float, bool]:
    """Packets by flow, the last one's time, and whether that is all."""
    counts = np.zeros(len(traffic.schedule.flows), np.int64)
    seconds, left = 0.0, COUNTED_PACKETS if most is None else min(most, COUNTED_PACKETS)
    for block in traffic.schedule.blocks():
        part = block[:left]
        counts += np.bincount(part.flows, minlength=len(counts))
        seconds = float(part.times[-1])
        left -= len(part)
        if left <= 0:
            return counts, seconds, most is not None and most <= COUNTED_PACKETS
    return counts, seconds, True


def _peak(started: Started, line: float) -> str:
    peak = started.graph.at(started.factor)
    place = f"port {started.profile.port}"
    if started.profile.name != "_":
        place += f", profile {started.profile.name}"
    share = peak.l1 / line
    return (
        f"peak:     {place}: {peak.pps:g} packets, {peak.l2:g} bits of layer 2 and {peak.l1:g} of "
        f"layer 1 a second, {share:.2%} of the line"
    )
