"""`scapy-server preview` of a profile: its first packets, and a timeline of its streams."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from scapy_server import limits
from scapy_server.cli.streams.choices import ProfileWish, Shown, number
from scapy_server.engine.captures import Pcap
from scapy_server.streams.records import Recorder
from scapy_server.streams.schedule import Block
from scapy_server.streams.simulation import facts
from scapy_server.streams.timeline import Timeline, timeline
from scapy_server.streams.traffic import Traffic

WIDE = 10_000
SHOWN_BYTES = 48


def show_profile(traffic: Traffic, shown: Shown, profile: ProfileWish) -> None:
    """Print packets or a timeline, and draw the timeline into a file if that is asked for."""
    if profile.timeline or shown.plot is not None:
        most = int(limits.TIMELINE_PACKETS) if shown.count is None else number(shown.count, "-n")
        limits.TIMELINE_PACKETS.check(most)
        line = timeline(traffic, most)
        if profile.timeline:
            _print_table(["from s", *line.names], _timeline_rows(line))
        if shown.plot is not None:
            from scapy_server.cli.streams.plot import draw_timeline  # noqa: PLC0415 (seldom needed)

            draw_timeline(line, shown.plot)
        return
    count = number(shown.count or "10", "-n")
    limits.RENDERED_PACKETS.check(count)
    head = ["time", "port", "profile", "core", "stream", "length", "bytes"]
    _print_table(head, _packet_rows(traffic, count))


def _packet_rows(traffic: Traffic, count: int) -> Iterator[list[str]]:
    recorder = Recorder(traffic, Pcap())
    left = count
    for every in traffic.schedule.blocks(max(count, 1)):
        block: Block = every[:left]
        frames = recorder.frames(block)
        for fact, frame in zip(facts(traffic, block), frames, strict=True):
            text = frame[:SHOWN_BYTES].hex()
            if len(frame) > SHOWN_BYTES:
                text += "\N{HORIZONTAL ELLIPSIS}"
            nanoseconds = fact["ns"]
            time = f"{nanoseconds // 10**9}.{nanoseconds % 10**9:09}"
            who = [str(fact[key]) for key in ("port", "profile", "core", "stream_id")]
            yield [time, *who, str(len(frame)), text]
        left -= len(block)
        if not left:
            return


def _timeline_rows(line: Timeline) -> Iterator[list[str]]:
    for place, row in enumerate(line.packets.tolist()):
        yield [f"{place * line.step:.6g}", *(str(count or "") for count in row)]


def _print_table(head: list[str], rows: Iterator[list[str]]) -> None:
    from rich.console import Console  # noqa: PLC0415 (slow to load)
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(*map(escape, head), box=None, pad_edge=False)
    for row in rows:
        table.add_row(*map(escape, row))
    # Into a file or pipe nothing is folded.
    Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)
