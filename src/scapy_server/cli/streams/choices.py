"""What people choose of a rendering: formats, streams and numbers, as the command line has them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from scapy_server.errors import RefusedError, shown
from scapy_server.numbers import count


class Format(str, Enum):
    """The formats of captures."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
    RAW = "raw"


class HardwareState(str, Enum):
    """What of the checksums of fix_checksum_hw is shown."""

    COMPLETE = "complete"
    RAW = "raw"


Start = Annotated[str | None, typer.Option(metavar="N", help="Number of the first packet.")]


@dataclass(frozen=True)
class Wish:
    """What the command line says of the capture; numbers as they were written."""

    count: Annotated[
        str | None,
        typer.Option("-n", "--count", metavar="N", help="How many packets, such as 1000 or 10M."),
    ] = None
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="The capture; `-` is standard output."),
    ] = None
    start: Start = None
    rate: Annotated[
        str | None,
        typer.Option(metavar="PPS", help="Packets a second for time stamps, such as 1.5M."),
    ] = None
    gap: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Time between packets instead, such as 10us."),
    ] = None
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name ends with, or pcap."),
    ] = None
    nano: Annotated[bool, typer.Option("--nano", help="Time stamps in nanoseconds.")] = False
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, max=64, help="Processes.")] = 1
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be written.")] = (
        False
    )


@dataclass(frozen=True)
class Shown:
    """What the command line says of a preview; numbers as they were written."""

    start: Start = None
    count: Annotated[
        str | None,
        typer.Option("-n", "--count", metavar="N", help="How many packets, 10 if left out."),
    ] = None
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw each changing field over the packets, and how often it has which value, "
            "into a .svg, .png or .pdf file.",
        ),
    ] = None
    plot_count: Annotated[
        str, typer.Option("--plot-count", metavar="N", help="How many packets to draw.")
    ] = "1000"
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print what changes of a stream as `render_packets` does."),
    ] = False


@dataclass(frozen=True)
class Playback:
    """How a capture is to be played; `gap` as it was written, `loops` 0 is without end."""

    gap: str | None = None
    speedup: float = 1.0
    loops: int = 1


@dataclass(frozen=True)
class ProfileWish:
    """What the command line says of a whole profile; texts as they were written.

    `ports` are those that a profile is loaded to, or, of an array of requests, those whose
    packets are wanted.
    """

    ports: tuple[int, ...] = ()
    multiplier: str | None = None
    duration: float | None = None
    force: bool = False
    speed: str | None = None
    tunables: str | None = None
    limit: str | None = None
    events: Path | None = None
    port_macs: tuple[str, ...] = ()
    per_port: bool = False
    timeline: bool = False

    @property
    def given(self) -> bool:
        """Whether anything is said that only a profile has."""
        return replace(self, force=False) != ProfileWish()

    def refuse_alone(self) -> None:
        """Raise RefusedError if anything is said that a single stream has not."""
        if self.given:
            raise RefusedError(
                "the source is one stream, and -m, -d, --port, --speed, --limit, --events and the "
                "like are for profiles; give -n, --rate or --gap instead"
            )


def number(text: str, option: str) -> int:
    """A count such as 1000, 10k or 4G; raises RefusedError."""
    found = count(text)
    if found is None:
        raise RefusedError(f"{option} must be a number such as 1000 or 10M, not {shown(text)}")
    return found
