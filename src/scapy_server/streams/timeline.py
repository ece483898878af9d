"""Which stream sends how much when, in a few intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scapy_server.streams.rates import FRAME_CHECK_BYTES
from scapy_server.streams.traffic import Traffic

#: How many intervals a timeline has.
INTERVALS = 20


@dataclass(frozen=True)
class Timeline:
    """Packets of each stream in intervals of `step` seconds: [interval, stream]."""

    names: list[str]
    step: float
    packets: NDArray[np.int64]
    bits: NDArray[np.float64]


def timeline(traffic: Traffic, most: int) -> Timeline:
    """When which stream sends how much, over the first `most` packets."""
    times, flows = [], []
    left = most
    for every in traffic.schedule.blocks():
        block = every[:left]
        times.append(block.times)
        flows.append(block.flows)
        left -= len(block)
        if not left:
            break
    due = np.concatenate(times) if times else np.empty(0)
    sent = np.concatenate(flows) if flows else np.empty(0, np.uint32)
    labels = [_label(traffic, number) for number in range(len(traffic.schedule.flows))]
    names = list(dict.fromkeys(labels))
    columns = np.array([names.index(label) for label in labels], np.int64)
    lengths = np.array(
        [len(f.share.stream.template) + FRAME_CHECK_BYTES for f in traffic.schedule.flows]
    )
    last = float(due[-1]) if len(due) else 0.0
    step = last / INTERVALS or 1.0
    place = np.minimum((due / step).astype(np.int64), INTERVALS - 1)
    packets = np.zeros((INTERVALS, len(names)), np.int64)
    np.add.at(packets, (place, columns[sent]), 1)
    bits = np.zeros((INTERVALS, len(names)))
    np.add.at(bits, (place, columns[sent]), 8.0 * lengths[sent])
    return Timeline(names, step, packets, bits)


def _label(traffic: Traffic, number: int) -> str:
    flow = traffic.schedule.flows[number]
    profile = traffic.started[flow.group].profile
    parts = [str(profile.port)] if len({s.profile.port for s in traffic.started}) > 1 else []
    parts += [profile.name] if profile.name != "_" else []
    return ".".join([*parts, flow.share.stream.name])
