"""How fast ports are, and how well they keep time.

    python bench/ports.py [--json FILE]

Loops and clocks are measured in processes as the server runs them; the veth pair, in a network
namespace of its own, needs root and `tcpreplay`, with which it is compared in the same run.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scapy_server.captures.writing import write_capture
from scapy_server.client.ports import PortsClient
from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.plane import commands as c
from scapy_server.services.ports.plane.counters import Counters
from scapy_server.services.ports.plane.plane import Plane, PlaneSettings
from scapy_server.services.ports.process.channel import Opening
from scapy_server.services.ports.process.link import ProcessLink
from scapy_server.services.ports.wire.impairments import Impairments

#: Of each the best of so many, taken in turns.
VETH_PASSES = 6
FRAME = bytes.fromhex(
    "02000000001102000000001008004500002e0001000040113abd10000001300000010401000c001a0000"
).ljust(60, b"x")
VARIED = [
    {
        "type": "flow_var", "name": name, "size": size, "op": "inc", "step": 1,
        "init_value": 1, "min_value": 1, "max_value": 60_000,
    }
    for name, size in (("a", 4), ("p", 2))
] + [
    {
        "type": "write_flow_var", "name": name, "pkt_offset": offset, "add_value": 0,
        "is_big_endian": True,
    }
    for name, offset in (("a", 26), ("p", 34))
] + [{"type": "fix_checksum_ipv4", "pkt_offset": 14}]  # fmt: skip


def plan(count: int, pps: float, vm: list[dict[str, Any]] | None = None, flow: int = -1) -> c.Start:
    """A burst of packets on port 0."""
    document = {
        "flags": 3,
        "action_count": 0,
        "enabled": True,
        "self_start": True,
        "isg": 0.0,
        "next_stream_id": -1,
        "mode": {
            "type": "single_burst",
            "total_pkts": count,
            "rate": {"type": "pps", "value": pps},
        },
        "packet": {"binary": base64.b64encode(FRAME).decode(), "meta": ""},
        "vm": {"instructions": vm or []},
        "flow_stats": {"enabled": False},
    }
    return c.Start(0, "_", 1, 1.0, 1, [c.StreamPlan(1, document, FRAME, flow)])


def loop_rate(count: int = 2_000_000) -> float:
    """Packets a second through a loop, with all counters and a flow, on one core."""
    plane = Plane(PlaneSettings([0, 1], [1e10, 1e10]), loop(Impairments(), 1), Counters(2))
    plane.handle(plan(count, 1e6, flow=0), 0.0)
    start = time.perf_counter()
    now = 0.0
    while plane.is_active:
        now += 0.1
        plane.advance(now)
    return count / (time.perf_counter() - start)


def process(virtual: bool) -> ProcessLink:
    """A data plane of two wired ports, as the server runs one."""
    kinds = [{"kind": "loop"}, {"kind": "loop"}]
    opening = Opening([0, 1], kinds, [1e10, 1e10], 1, 0xFC00, 0, 1, 1, virtual)
    return ProcessLink(opening, lambda: 0.0)


def finished(link: ProcessLink) -> None:
    """Wait until a profile has sent all."""
    while not any(isinstance(event, c.Finished) for event in link.news()):
        time.sleep(0.001)


def virtual_seconds() -> float:
    """How long 60 seconds of 100,000 packets a second take under the virtual clock."""
    link = process(virtual=True)
    try:
        start = time.perf_counter()
        link.ask(plan(6_000_000, 1e5))
        finished(link)
        return time.perf_counter() - start
    finally:
        link.close()


def lateness(count: int = 3000) -> dict[str, float]:
    """By how many milliseconds packets of 1,000 a second miss their distance to the first."""
    link = process(virtual=False)
    try:
        link.ask(c.Capture(1, [], [1], count, False))
        link.ask(plan(count, 1000.0))
        finished(link)
        times = []
        while len(times) < count:
            reply = link.ask(c.CaptureFetch(1, 1000))
            assert isinstance(reply, c.Frames)
            times += [kept.time for kept in reply.frames]
        gaps = np.abs(np.diff(times) - 0.001) * 1000
        return {"p50": float(np.quantile(gaps, 0.5)), "p99": float(np.quantile(gaps, 0.99))}
    finally:
        link.close()


def idle_percent(seconds: float = 5.0) -> float:
    """The share of a core that an idle data plane takes."""
    link = process(virtual=False)
    try:
        before, start = _processor_seconds(link.pid), time.monotonic()
        time.sleep(seconds)
        used = _processor_seconds(link.pid) - before
        return 100 * used / (time.monotonic() - start)
    finally:
        link.close()


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def replies_under_load(seconds: float = 5.0) -> dict[str, float]:
    """Milliseconds to the reply to a request while a port sends 100,000 packets a second."""
    command = [sys.executable, "-m", "scapy_server", "ports", "--port", "24501"]
    with subprocess.Popen(
        [*command, "--async-port", "24500"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            while "Ports:" not in server.stdout.readline():
                pass
            with PortsClient("127.0.0.1:24501") as client:
                client.acquire(0, "bench", 1, True)
                burst = plan(10**7, 1e5).streams[0].document
                client.on_port("add_stream", 0, stream_id=1, stream=burst)
                mul = {"type": "raw", "op": "abs", "value": 1}
                client.on_port("start_traffic", 0, mul=mul, duration=-1, force=True)
                took = []
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    start = time.perf_counter()
                    client.call("get_port_stats", port_id=0)
                    took.append(1000 * (time.perf_counter() - start))
                return {"p50": float(np.quantile(took, 0.5)), "p99": float(np.quantile(took, 0.99))}
        finally:
            server.terminate()


@dataclass
class Sent:
    """The best of some passes: frames a second, and the processor time of one."""

    rate: float = 0.0
    seconds: float = math.inf

    def take(self, rate: float, seconds: float) -> None:
        """A pass."""
        self.rate, self.seconds = max(self.rate, rate), min(self.seconds, seconds)


#: Both are let run before all others, who would be counted against the one that they interrupt.
FIRST = ["chrt", "--fifo", "5"]


def veth() -> dict[str, float] | None:
    """Frames a second on a veth pair: varied ones of ours, constant ones of tcpreplay."""
    if os.geteuid() or shutil.which("tcpreplay") is None:
        return None
    name = f"bench{os.getpid()}"
    inside = ["ip", "netns", "exec", name]
    subprocess.run(["ip", "netns", "add", name], check=True)
    try:
        pair = ["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"]
        subprocess.run([*inside, *pair], check=True)
        for end in ("left", "right"):
            subprocess.run([*inside, "ip", "link", "set", end, "up"], check=True)
        capture = Path(f"/tmp/{name}.pcap")
        capture.write_bytes(write_capture([FRAME] * 1000))
        replay = ["tcpreplay", "--topspeed", "--preload-pcap", "--loop", "1000", "-i", "left"]
        ours, theirs = Sent(), Sent()
        for _ in range(VETH_PASSES):
            words = _output([*inside, *FIRST, sys.executable, __file__, "--inside"]).split()
            ours.take(float(words[0]), float(words[1]))
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            words = _output([*inside, *FIRST, *replay, str(capture)]).replace(",", " ").split()
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            theirs.take(float(words[words.index("pps") - 1]), used / 1e6)
        capture.unlink()
        return {
            "ours": ours.rate,
            "tcpreplay": theirs.rate,
            "ratio": ours.rate / theirs.rate,
            "ratio by processor time": theirs.seconds / ours.seconds,
        }
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False)


def _output(command: list[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return done.stdout + done.stderr


def inside_namespace(count: int = 1_000_000) -> tuple[float, float]:
    """Of frames with two variables and a checksum, sent by the process of an interface:

    how many a second, and the processor time of each.
    """
    kinds = [{"kind": "interface", "interface": "left"}, {"kind": "null"}]
    opening = Opening([0, 1], kinds, [1e11, 1e11], 1, 0xFC00, 0, 1, 1, False)
    link = ProcessLink(opening, lambda: 0.0)
    try:
        before, start = _processor_seconds(link.pid), time.perf_counter()
        link.ask(plan(count, 1e8, VARIED))
        finished(link)
        took = time.perf_counter() - start
        return count / took, (_processor_seconds(link.pid) - before) / count
    finally:
        link.close()


MEASURED: dict[str, Callable[[], Any]] = {
    "loop, packets a second": loop_rate,
    "60 s of 100,000 packets a second, virtual, seconds": virtual_seconds,
    "loop of 1,000 packets a second, milliseconds off": lateness,
    "replies under load, milliseconds": replies_under_load,
    "idle, percent of a core": idle_percent,
    "veth, frames a second": veth,
}


def main() -> None:
    """Measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(*inside_namespace())
        return
    found = {}
    for name, measure in MEASURED.items():
        found[name] = measure()
        print(f"{name}: {found[name]}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
