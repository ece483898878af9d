"""How fast requests are answered, as ratios in one run: `make bench` prints the table.

Nothing here is a test: machines differ, and what is compared was measured a moment ago
on the same one.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import stages
import workload
from peers import Caller, echo, import_seconds, resident_bytes, scapy_rate, server, start_seconds

HERE = Path(__file__).parent
LOAD_SECONDS = 5.0


@dataclass(frozen=True)
class Row:
    """What was measured, against what, and the ratio that is wanted.

    `goal` is an upper bound, or with `more` a lower one.
    """

    what: str
    ours: str
    yardstick: str
    figure: str
    ratio: float
    goal: float
    more: bool = False

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        met = self.ratio >= self.goal if self.more else self.ratio <= self.goal
        sign, verdict = ("≥" if self.more else "≤"), ("met" if met else "MISSED")
        goal = f"{sign} {self.goal:g} {verdict}"
        return self.what, f"{self.ratio:.2f}", goal, self.ours, self.yardstick, self.figure


def table(rows: list[Row]) -> Table:
    """All rows, as printed."""
    made = Table("what", "ratio", "goal", "ours", "against", "its figure")
    for row in rows:
        made.add_row(*row.cells())
    return made


def main() -> None:
    """Run everything and print the table and the profile."""
    rows = []
    with server() as (port, process):
        rows.append(latency(port, "build_pkt, 6 fields", workload.tcp_packet, 2))
        rows += rates(port)
        rows.append(latency(port, "reconstruct_pkt, 2 fields", workload.changed_packet, 5))
        rows.append(latency(port, "build_pkt, DNS expression", workload.dns_packet, 3))
        for name, message in workload.EDITS.items():
            rows.append(latency(port, f"edited again: {name}", message, 3, 500))
        for name, message in workload.METADATA.items():
            rows.append(latency(port, f"{name}, warm", lambda _, sent=message: sent, 2, 60))
        rows.append(memory(port, process.pid))
    rows.append(start())
    console = Console(width=120)
    console.print(table(rows))
    console.print(stages.table())


def rates(port: int) -> list[Row]:
    """Many clients and many packets a call, against Scapy alone in a loop."""
    scapy = scapy_rate(4000)
    clients = many_clients(port)
    with Caller(port) as caller:
        calls = 1000 / statistics.median(caller.latencies(workload.tcp_packets, 20, warm_up=2))
    figure = f"{scapy:,.0f}/s"
    return [
        Row(
            "build_pkt, 16 clients", f"{clients:,.0f}/s", "Scapy", figure, clients / scapy, 5, True
        ),
        Row("build_pkts, 1000 a call", f"{calls:,.0f}/s", "Scapy", figure, calls / scapy, 10, True),
    ]


def start() -> Row:
    """From the start to the first answer, against importing all of Scapy."""
    started, imported = start_seconds(), import_seconds()
    ratio = started / imported
    return Row(
        "start to first answer", f"{started:.2f} s", "imports", f"{imported:.2f} s", ratio, 1.5
    )


def latency(
    port: int, what: str, message: Callable[[int], bytes], goal: float, count: int = 2000
) -> Row:
    """One client that waits for each reply, against an echo of as many bytes."""
    with Caller(port) as caller:
        size = len(caller.call(message(0)))
        ours = caller.latencies(message, count)
    with echo(size) as echo_port, Caller(echo_port) as caller:
        yardstick = caller.latencies(message, count)
    ratio = statistics.median(ours) / statistics.median(yardstick)
    return Row(what, spread(ours), f"echo, {size:,} bytes", spread(yardstick), ratio, goal)


def spread(seconds: list[float]) -> str:
    """Median and the 5th to 95th percentile, in microseconds."""
    low, *_, high = (1e6 * cut for cut in statistics.quantiles(seconds, n=20))
    return f"{1e6 * statistics.median(seconds):,.0f} µs ({low:,.0f}-{high:,.0f})"


def many_clients(port: int) -> float:
    """Replies a second for 16 clients, in two processes."""
    command = [sys.executable, str(HERE / "load.py"), str(port), "8", str(LOAD_SECONDS)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    return sum(float(process.communicate()[0]) for process in processes)


def memory(port: int, process_id: int) -> Row:
    """The largest process after 100,000 distinct packets, against after the first 1,000."""
    with Caller(port) as caller:
        caller.call(workload.tcp_packets(1000))
        before = max(resident_bytes(process_id))
        for number in range(100):
            caller.call(workload.tcp_packets(2000 + number))
        after = max(resident_bytes(process_id))
    sizes = f"{after >> 20} MiB", "after 1,000", f"{before >> 20} MiB"
    return Row("memory after 100,000 packets", *sizes, after / before, 1.1)


if __name__ == "__main__":
    main()
