"""`scapy-server render`: a stream's packets into a capture."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import typer

from scapy_server.captures.pace import DEFAULT_GAP, Pace
from scapy_server.cli.streams.choices import Format, ProfileWish, Wish, number
from scapy_server.cli.streams.profile_capture import render_profile
from scapy_server.cli.streams.profiles import is_alone, profile_of, started
from scapy_server.cli.streams.targets import INTERRUPTED, Target, format_of, target_of
from scapy_server.engine.captures import Layout, Pcap, Pcapng, Raw
from scapy_server.engine.jobs import Blocks, Task, rendered
from scapy_server.engine.output import CaptureOutput
from scapy_server.engine.renderer import END_OF_STREAM
from scapy_server.errors import RefusedError
from scapy_server.process.stop import StopSignals
from scapy_server.programs.explain import flow_bits
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.ready import ReadyStream, ready


def run(
    source: str,
    selection: Selection,
    wish: Wish,
    profile: ProfileWish,
    stop: StopSignals | None,
) -> None:
    """Do what `render` is asked; raises ScapyServerError, and Exit after Ctrl+C."""
    document = profile_of(source, profile, selection, is_alone(wish))
    if document is not None:
        if wish.jobs > 1:
            raise RefusedError("one process puts a profile's packets in order; leave out --jobs")
        render_profile(started(document, profile, selection), wish, profile, stop)
        return
    profile.refuse_alone()
    stream = ready(source, selection, sys.stdin.buffer.read)
    task = Task(
        stream.stream,
        _layout(wish, stream),
        _pace(wish, stream),
        number(wish.start or "0", "--start"),
        _count(wish.count, stream),
    )
    _check_numbers(task)
    for warning in stream.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if wish.dry_run:
        print("\n".join(_statistics(task, stream)))
    else:
        target = target_of(wish.output)
        target.check_free(profile.force)
        write(task, target, wish.jobs, stop)


def write(task: Task, target: Target, jobs: int, stop: StopSignals | None) -> None:
    """Render a task into a target, showing how it goes; exits after Ctrl+C."""
    started = time.monotonic()
    output: CaptureOutput | None = None
    with target.opened() as descriptor, rendered(task, jobs) as blocks:
        if stop is not None:
            stop.serving()
        try:
            output = CaptureOutput(descriptor, task.layout, target.name)
            with _progress(task.count, blocks) as shown_blocks:
                for records, packets in shown_blocks:
                    output.write(records, packets)
                    if stop is not None and stop.requested:
                        break
        except RefusedError as error:
            written = output.packets if output is not None else 0
            raise RefusedError(f"{error.problem}, after {written} packets") from error
    seconds = max(time.monotonic() - started, 1e-9)
    if stop is not None and stop.requested:
        print(
            f"interrupted: {output.packets} of {task.count} packets written to {target.name}",
            file=sys.stderr,
        )
        raise typer.Exit(INTERRUPTED)
    if sys.stderr.isatty():
        print(
            f"{output.packets} packets, {output.size} bytes in {seconds:.2f} s "
            f"({output.packets / seconds / 1e6:.2f} million a second) written to {target.name}",
            file=sys.stderr,
        )


@contextmanager
def _progress(count: int, blocks: Blocks) -> Iterator[Blocks]:
    """The blocks, with a progress bar on the side if someone looks at standard error."""
    if not sys.stderr.isatty():
        yield blocks
        return
    from rich import progress  # noqa: PLC0415 (slow to load, and seldom needed)
    from rich.console import Console  # noqa: PLC0415

    with progress.Progress(
        progress.TextColumn("{task.completed:,} packets"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TextColumn("{task.fields[rate]}"),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        shown_task = bar.add_task("", total=count, rate="")

        def watched() -> Iterator[tuple[memoryview, int]]:
            done, began, told = 0, time.monotonic(), 0.0
            for records, packets in blocks:
                yield records, packets
                done += packets
                now = time.monotonic()
                if now - told > 0.1:
                    speed = done / max(now - began, 1e-9) / 1e6
                    bar.update(shown_task, completed=done, rate=f"{speed:.2f} M/s")
                    told = now

        yield watched()


def _statistics(task: Task, stream: ReadyStream) -> Iterator[str]:
    """What a task would write, without rendering it all."""
    renderer = task.stream.renderer()
    length = renderer.length
    record = task.layout.record_size(length)
    about = "at most " if renderer.trims else ""
    size = len(task.layout.prefix) + task.count * record
    seconds = float(task.pace.gap * max(task.count - 1, 0))
    yield f"packets:  {task.count}, numbers {task.start} to {task.start + task.count - 1}"
    yield f"length:   {about}{length} bytes, without the frame check sequence"
    yield f"bytes:    {about}{size} in the capture"
    yield f"duration: {seconds:g} seconds"
    yield f"flows:    {_flows(task, stream)}"
    if renderer.cycle is None:
        yield "period:   unknown"
    else:
        lead, period = renderer.cycle
        before = f", after the first {lead}" if lead else ""
        yield f"period:   {period} packets{before}"


def _flows(task: Task, stream: ReadyStream) -> str:
    cycle = stream.variation().cycle(flow_bits(stream.packet()))
    if cycle.different is None:
        return "unknown, random numbers decide"
    whole = task.count >= cycle.lead + (cycle.period or 0)
    all_different = not cycle.lead and cycle.different == cycle.period
    exact = cycle.exact and (whole or all_different)
    return ("" if exact else "at most ") + str(min(cycle.different, task.count))


def _layout(wish: Wish, stream: ReadyStream) -> Layout:
    form = format_of(wish.form, wish.output)
    if form is Format.PCAPNG:
        return Pcapng(wish.nano)
    return Pcap(wish.nano) if form is Format.PCAP else Raw(max(len(stream.stream.template), 60))


def _pace(wish: Wish, stream: ReadyStream) -> Pace:
    """The pace that the options ask for, or else the source, or 1000 a second."""
    if wish.rate is not None and wish.gap is not None:
        raise RefusedError("give --rate or --gap, not both")
    if wish.rate is not None:
        return Pace.of_rate(wish.rate)
    if wish.gap is not None:
        return Pace.of_gap(wish.gap)
    return Pace(Fraction(DEFAULT_GAP if stream.gap is None else stream.gap))


def _count(text: str | None, stream: ReadyStream) -> int:
    if text is not None:
        return number(text, "-n")
    if stream.count is None:
        raise RefusedError("say how many packets with -n; the source has no end of its own")
    return stream.count


def _check_numbers(task: Task) -> None:
    if task.count < 1:
        raise RefusedError("-n must be at least 1")
    if task.start + task.count > END_OF_STREAM:
        raise RefusedError("packets are numbered from 0 to 2**63 - 1; --start and -n go beyond")
