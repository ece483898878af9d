"""`scapy-server render` of a profile: its packets into captures, and a line for each packet."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
import typer

from scapy_server.cli.streams.choices import Format, ProfileWish, Wish, number
from scapy_server.cli.streams.profile_summary import summary
from scapy_server.cli.streams.targets import INTERRUPTED, Target, format_of, target_of
from scapy_server.engine.captures import Layout, Pcap, Pcapng, Raw
from scapy_server.engine.output import CaptureOutput
from scapy_server.errors import RefusedError
from scapy_server.process.stop import StopSignals
from scapy_server.streams.records import Recorder
from scapy_server.streams.schedule import Block
from scapy_server.streams.simulation import ended, ends, facts, ports_of
from scapy_server.streams.traffic import Traffic


def render_profile(
    traffic: Traffic, wish: Wish, profile: ProfileWish, stop: StopSignals | None
) -> None:
    """Write what a traffic sends; raises RefusedError, and Exit after Ctrl+C."""
    most = None if wish.count is None else number(wish.count, "-n")
    if most is not None and most < 1:
        raise RefusedError("-n must be at least 1")
    if most is None and not ends(traffic):
        raise RefusedError(
            "say how many packets with -n, or how long with -d; the profile has no end of its own"
        )
    layout = _layout(format_of(wish.form, wish.output))
    if wish.dry_run:
        print("\n".join(summary(traffic, layout, most)))
        return
    target = target_of(wish.output)
    with ExitStack() as stack:
        output = ProfileOutput(traffic, layout, profile, target, stack)
        for sentence in output.warnings():
            print(f"warning: {sentence}", file=sys.stderr)
        if stop is not None:
            stop.serving()
        done = output.write(most, stop)
    if stop is not None and stop.requested:
        print(f"interrupted: {done} packets written to {target.name}", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


class ProfileOutput:
    """The files of a rendering, which `stack` closes: captures, and maybe lines of JSON."""

    def __init__(
        self,
        traffic: Traffic,
        layout: Layout,
        profile: ProfileWish,
        target: Target,
        stack: ExitStack,
    ) -> None:
        self._traffic = traffic
        self._recorder = Recorder(traffic, layout)
        self._ports = set(profile.ports or ports_of(traffic))
        self._captures: dict[frozenset[int], CaptureOutput] = {}
        shares = [{port} for port in sorted(self._ports)] if profile.per_port else [self._ports]
        targets = [target.of_port(min(share)) if profile.per_port else target for share in shares]
        lines = () if profile.events is None else (Target(str(profile.events)),)
        for own in (*targets, *lines):
            own.check_free(profile.force)
        for share, own in zip(shares, targets, strict=True):
            descriptor = stack.enter_context(own.opened())
            with _after(0):
                self._captures[frozenset(share)] = CaptureOutput(descriptor, layout, own.name)
        self._lines: BinaryIO | None = None
        if profile.events is not None:
            self._lines = stack.enter_context(opened(profile.events))

    def warnings(self) -> Iterator[str]:
        """What to know of the streams; raises RefusedError for their programs."""
        with _after(0):
            for _, stream, _, sentence in self._recorder.warnings():
                yield f"{stream.place}: {sentence}"

    def write(self, most: int | None, stop: StopSignals | None) -> int:
        """Write all packets, or at most so many; how many there were."""
        left = math.inf if most is None else most
        done, until = 0, math.inf
        for every in self._traffic.schedule.blocks(self._recorder.block_size):
            block = every.where(self._recorder.of_ports(every, self._ports))
            if len(block) >= left:
                block = block[: int(left)]
                until = float(block.times[-1])
            done, left = done + len(block), left - len(block)
            self._write(block, done)
            if left <= 0 or (stop is not None and stop.requested):
                break
        if self._lines is not None:
            lines = ended(self._traffic, until)
            self._lines.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
        return done

    def _write(self, block: Block, done: int) -> None:
        lengths = np.zeros(len(block), np.int64)
        for ports, output in self._captures.items():
            inside = self._recorder.of_ports(block, ports)
            part = block.where(inside)
            if not len(part):
                continue
            made = self._recorder.recorded(part)
            lengths[inside] = made.lengths
            with _after(done - len(block)):
                output.write(made.records, len(part))
        if self._lines is not None:
            self._lines.writelines(
                msgspec.json.encode({**fact, "length": length}) + b"\n"
                for fact, length in zip(facts(self._traffic, block), lengths.tolist(), strict=True)
            )


@contextmanager
def _after(packets: int) -> Iterator[None]:
    """Say of a refusal after how many packets it came."""
    try:
        yield
    except RefusedError as error:
        raise RefusedError(f"{error.problem}, after {packets} packets") from error


def opened(path: Path) -> BinaryIO:
    """A file to write lines to; raises RefusedError."""
    try:
        return path.open("wb")
    except OSError as error:
        raise RefusedError(f"{path}: {error.strerror}") from None


def _layout(form: Format) -> Layout:
    """The captures of profiles are in nanoseconds."""
    if form is Format.PCAPNG:
        return Pcapng(nano=True)
    return Pcap(nano=True) if form is Format.PCAP else Raw(1)
