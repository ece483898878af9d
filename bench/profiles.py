"""How fast whole profiles are scheduled and laid out as captures, on one core, in memory.

    python bench/profiles.py [--packets 1M]

Each rate is the best of three passes over records of a pcap that are copied once, as writing
them would; start-up is left out. Processor time is measured, not the clock on the wall, and
beside them, in the same passes, what the single-stream renderer does with the first stream.
The traffic engine's simulator is said to reach some 5 million packets a second with one stream
on a machine like the one these numbers were first taken on; it is not measured here.
"""

from __future__ import annotations

import argparse
import base64
import resource
import time
from typing import Any

import numpy as np

from render import FIX, TEMPLATE, TWO, count
from scapy_server.captures.pace import Pace
from scapy_server.cli.streams.choices import number
from scapy_server.engine.captures import Pcap, RecordBlock, block_size
from scapy_server.engine.renderer import Renderer
from scapy_server.streams.reading import read_stream
from scapy_server.streams.records import Recorder
from scapy_server.streams.traffic import Traffic

PASSES = 3
SINGLE = "single-stream renderer"
SIZES = (60, 64, 72, 96, 128, 192, 256, 384, 512, 590)
PROGRAM = {
    "instructions": [
        count("a", 4, 0x10000001, 0x10FFFFFF),
        count("p", 2, 1025, 65000),
        *TWO,
        FIX,
    ]
}


def stream(size: int, mode: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A stream's JSON with two variables and a checksum."""
    frame = TEMPLATE.ljust(size, b"x")[:size]
    return {
        "flags": 3,
        "action_count": 0,
        "enabled": True,
        "self_start": True,
        "isg": 0.0,
        "mode": mode,
        "packet": {"binary": base64.b64encode(frame).decode(), "meta": ""},
        "vm": PROGRAM,
        "flow_stats": {"enabled": False},
        "next_stream_id": -1,
    } | more


def steady(pps: float) -> dict[str, Any]:
    """A continuous stream's mode."""
    return {"type": "continuous", "rate": {"type": "pps", "value": pps}}


def burst(packets: int, pps: float) -> dict[str, Any]:
    """A burst's mode."""
    rate = {"type": "pps", "value": pps}
    return {"type": "single_burst", "total_pkts": packets, "rate": rate}


PROFILES: dict[str, list[dict[str, Any]]] = {
    "one continuous stream": [stream(62, steady(1e6))],
    "10 streams of different rates and sizes": [
        stream(size, steady(1e6 / (place + 1))) for place, size in enumerate(SIZES)
    ],
    "1,000 streams": [stream(SIZES[n % 10], steady(1000 + n)) for n in range(1000)],
    "a ring of 10 bursts of 20": [
        stream(62, burst(20, 1e6), next_stream_id=n % 10 + 1, self_start=n == 1)
        for n in range(1, 11)
    ],
}


def rate(streams: list[dict[str, Any]], packets: int) -> float:
    """Packets a second of processor time."""
    sink = np.empty(32 << 20, np.uint8)
    traffic = Traffic()
    for number_, raw in enumerate(streams, 1):
        traffic.add_stream(0, "_", read_stream(number_, raw))
    traffic.start(0)
    recorder = Recorder(traffic, Pcap(nano=True))
    blocks = recorder.blocks()
    for _ in range(4):
        next(blocks)
    done, started = 0, time.process_time()
    for made in blocks:
        sink[: len(made.records)] = made.records
        done += len(made.block)
        if done >= packets:
            break
    return done / (time.process_time() - started)


def single_rate(packets: int) -> float:
    """Packets a second of processor time of one stream without a schedule."""
    renderer = Renderer(TEMPLATE, PROGRAM)
    layout = Pcap(nano=True)
    size = block_size(renderer, layout)
    block = RecordBlock(renderer, layout, Pace.of_rate("1M"), size)
    sink = np.empty(size * layout.record_size(renderer.length), np.uint8)
    started = time.process_time()
    for start in range(0, packets, size):
        records = block.render(start, size)
        sink[: len(records)] = records
    return -(-packets // size) * size / (time.process_time() - started)


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--packets", default="1M", help="how many a pass renders, such as 1M")
    packets = number(parser.parse_args().packets, "--packets")
    best: dict[str, float] = {}
    for _ in range(PASSES):
        best[SINGLE] = max(best.get(SINGLE, 0), single_rate(packets))
        for name, streams in PROFILES.items():
            best[name] = max(best.get(name, 0), rate(streams, packets))
    for name, found in best.items():
        share = f"{found / best[SINGLE]:.0%} of the first"
        print(f"{name:<44}{found / 1e6:>8.2f} million packets/s {share:>20}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{'most memory':<44}{peak:>8.0f} MiB")


if __name__ == "__main__":
    main()
