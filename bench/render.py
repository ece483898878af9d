"""How fast captures are rendered: by kind of program, beside a plain copy and beside Scapy.

    python bench/render.py [--packets 2M] [--json FILE]

Every rate is the best of several passes over blocks of a pcap in memory, one core, start-up
aside: each block is copied once, as writing it would. The plain copy copies as many bytes
with NumPy and computes nothing. The Scapy loop sets the same fields of one packet object,
builds it, and puts its record behind the others.
"""

from __future__ import annotations

import argparse
import json
import platform
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scapy_server.captures.pace import Pace
from scapy_server.cli.streams.choices import number
from scapy_server.engine.captures import Pcap, Pcapng, RecordBlock, block_size
from scapy_server.engine.jobs import Stream, Task, rendered
from scapy_server.engine.renderer import Renderer

Raw = dict[str, Any]
PASSES = 5
SCAPY_PACKETS = 3000
PACE = Pace.of_rate("1M")
TEMPLATE = (
    bytes.fromhex(
        "00000002000000000001000008004500003000010000401"
        + "13abb1000000130000001040100500"
        + "01c0000"
    )
    + b"x" * 20
)


def count(name: str, size: int, low: int, high: int, **more: Any) -> Raw:
    """A variable that counts up."""
    raw = {"type": "flow_var", "name": name, "size": size, "op": "inc", "step": 1}
    return raw | {"init_value": low, "min_value": low, "max_value": high} | more


def write(name: str, offset: int, **more: Any) -> Raw:
    """A write in network order."""
    raw = {"type": "write_flow_var", "name": name, "pkt_offset": offset, "add_value": 0}
    return raw | {"is_big_endian": True} | more


ADDRESS, PORT = (0x10000001, 0x10FFFFFF), (1025, 65000)
FIX = {"type": "fix_checksum_ipv4", "pkt_offset": 14}
TWO = [write("a", 26), write("p", 34)]
PROGRAMS: dict[str, list[Raw]] = {
    "constant packet": [],
    "4- and 2-byte variables, IPv4 checksum": [
        count("a", 4, *ADDRESS),
        count("p", 2, *PORT),
        *TWO,
        FIX,
    ],
    "the same, checksums by hardware": [
        count("a", 4, *ADDRESS),
        count("p", 2, *PORT),
        *TWO,
        {"type": "fix_checksum_hw", "l2_len": 14, "l3_len": 20, "l4_type": 11},
    ],
    "random 4- and 2-byte variables": [
        count("a", 4, *ADDRESS, op="random"),
        count("p", 2, *PORT, op="random"),
        *TWO,
        FIX,
    ],
    "repeatable random, limit 1000000": [
        {"type": "flow_var_rand_limit", "name": "a", "size": 4, "limit": 1_000_000, "seed": 7}
        | {"min_value": 0, "max_value": 0xFFFFFFFF},
        write("a", 26),
        FIX,
    ],
    "8-byte variable": [count("v", 8, 1, 1 << 60), write("v", 42)],
    "value list": [
        {"type": "flow_var", "name": "a", "size": 4, "op": "inc", "step": 1}
        | {"value_list": list(range(268435457, 268435457 + 1000))},
        write("a", 26),
        FIX,
    ],
    "chain of two": [
        count("a", 4, ADDRESS[0], ADDRESS[0] + 254, next_var="p"),
        count("p", 2, *PORT, split_to_cores=False),
        *TWO,
        FIX,
    ],
    "tuples, limit 100000": [
        {"type": "tuple_flow_var", "name": "t", "ip_min": ADDRESS[0], "ip_max": ADDRESS[0] + 254}
        | {"port_min": 1025, "port_max": 65535, "limit_flows": 100_000, "flags": 0},
        write("t.ip", 26),
        write("t.port", 34),
        FIX,
    ],
    "mask write": [
        count("p", 2, *PORT),
        {"type": "write_mask_flow_var", "name": "p", "pkt_offset": 14, "pkt_cast_size": 2}
        | {"mask": 0x00FC, "shift": 2, "add_value": 0, "is_big_endian": True},
        FIX,
    ],
    "trim": [
        count("n", 2, 60, 62),
        count("a", 4, *ADDRESS),
        write("a", 26),
        {"type": "trim_pkt_size", "name": "n"},
    ],
}
MEASURED = "4- and 2-byte variables, IPv4 checksum"


def best(work: Callable[[], int]) -> float:
    """The best rate of several passes; `work` gives how many packets it did."""
    rates = []
    for _ in range(PASSES):
        started = time.perf_counter()
        done = work()
        rates.append(done / (time.perf_counter() - started))
    return max(rates)


def render_rate(program: list[Raw], packets: int, layout: Pcap | Pcapng) -> float:
    """Packets a second into records that are copied once."""
    renderer = Renderer(TEMPLATE, {"instructions": program}, random_seed=1)
    size = block_size(renderer, layout)
    block = RecordBlock(renderer, layout, PACE, size)
    capture = np.empty(size * layout.record_size(renderer.length), np.uint8)

    def work() -> int:
        for start in range(0, packets, size):
            records = block.render(start, size)
            capture[: len(records)] = records
        return -(-packets // size) * size

    return best(work)


def copy_rate(packets: int) -> float:
    """Packets a second whose bytes are only copied."""
    size = block_size(Renderer(TEMPLATE, None), Pcap())
    source = np.ones(size * Pcap().record_size(len(TEMPLATE)), np.uint8)
    target = np.empty_like(source)

    def work() -> int:
        for _ in range(0, packets, size):
            target[:] = source
        return -(-packets // size) * size

    return best(work)


def scapy_rate() -> float:
    """Packets a second that Scapy changes and builds."""
    from scapy.layers.inet import IP, UDP  # noqa: PLC0415 (slow to load)
    from scapy.layers.l2 import Ether  # noqa: PLC0415

    packet = Ether(TEMPLATE)

    def work() -> int:
        records = []
        for index in range(SCAPY_PACKETS):
            packet[IP].src = f"16.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
            packet[UDP].sport = 1025 + index % 63976
            del packet[IP].chksum
            data = bytes(packet)
            records.append(struct.pack("<IIII", 0, index, len(data), len(data)) + data)
        return len(b"".join(records)) // (16 + len(TEMPLATE))

    return best(work)


def jobs_rate(packets: int, jobs: int) -> float:
    """With processes and their hand-over, from the first block on."""
    stream = Stream(TEMPLATE, {"instructions": PROGRAMS[MEASURED]})
    sink = np.empty(4 << 20, np.uint8)

    def work() -> tuple[int, float]:
        with rendered(Task(stream, Pcap(), PACE, 0, packets), jobs) as blocks:
            first = next(blocks)[1]
            started = time.perf_counter()
            for records, _ in blocks:
                sink[: len(records)] = records
            return packets - first, time.perf_counter() - started

    return max(done / seconds for done, seconds in (work() for _ in range(PASSES)))


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--packets", default="2M", help="how many a pass renders, such as 2M")
    parser.add_argument("--json", type=Path, help="write the numbers into a file as well")
    arguments = parser.parse_args()
    packets = number(arguments.packets, "--packets")
    plain, scapy = copy_rate(packets), scapy_rate()
    rates = {name: render_rate(program, packets, Pcap()) for name, program in PROGRAMS.items()}
    rates[f"{MEASURED}, pcapng"] = render_rate(PROGRAMS[MEASURED], packets, Pcapng())
    for jobs in (1, 2):
        rates[f"{MEASURED}, {jobs} job(s)"] = jobs_rate(5 * packets, jobs)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {len(TEMPLATE)} bytes")
    print(f"{'program':<56}{'M packets/s':>12}{'of a copy':>12}{'x Scapy':>9}")
    for name, rate in {**rates, "plain copy": plain, "Scapy loop": scapy}.items():
        share, times = f"{rate / plain:.0%}", f"{rate / scapy:.0f}"
        print(f"{name:<56}{rate / 1e6:>12.2f}{share:>12}{times:>9}")
    if arguments.json:
        numbers = {**rates, "plain copy": plain, "Scapy loop": scapy}
        arguments.json.write_text(json.dumps(numbers, indent=2) + "\n")


if __name__ == "__main__":
    main()
