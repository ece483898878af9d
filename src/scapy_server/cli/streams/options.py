"""The options that `render` and `preview` have in common: of a stream, and of a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from scapy_server.cli.streams.choices import HardwareState, ProfileWish
from scapy_server.streams.sources.given import Selection

Source = Annotated[
    str,
    typer.Argument(
        help="A profile (TRex's JSON, YAML or Python, or an array of its requests), a `.trp` "
        "file, the id of a template, a Scapy expression, a packet model and program in JSON, or a "
        "capture; `-` is standard input.",
    ),
]
Tunables = Annotated[
    str | None,
    typer.Option("-t", "--tunables", metavar="TEXT", help="Of a Python profile: size=64,vm=var1."),
]
Program = Annotated[
    Path | None,
    typer.Option("--program", metavar="FILE", help="JSON file with the program to use."),
]
StreamName = Annotated[
    str | None,
    typer.Option("--stream", metavar="NAME", help="Only this stream of a profile."),
]


@dataclass(frozen=True)
class StreamOptions:
    """Which stream, and what sends it."""

    program: Program = None
    stream: StreamName = None
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=0xFFFFFFFF, help="The stream's random_seed, if it has none or other."
        ),
    ] = None
    cores: Annotated[int, typer.Option(min=1, help="Data-plane cores that share the streams.")] = 1
    hardware: Annotated[
        HardwareState | None,
        typer.Option(
            help="Checksums that the network card computes: complete, or as it gets them (the "
            "default for an array of requests)."
        ),
    ] = None

    @property
    def selection(self) -> Selection:
        """The same for those who read streams."""
        states: dict[HardwareState | None, Literal["complete", "raw"] | None] = {
            None: None,
            HardwareState.COMPLETE: "complete",
            HardwareState.RAW: "raw",
        }
        hardware = states[self.hardware]
        return Selection(self.program, self.stream, self.seed, self.cores, hardware)


@dataclass(frozen=True)
class ProfileOptions:
    """How a profile is started."""

    port: Annotated[
        list[int] | None,
        typer.Option(
            "--port", min=0, max=255, help="Port of a profile, 0 by default; may be repeated."
        ),
    ] = None
    multiplier: Annotated[
        str | None,
        typer.Option("-m", "--multiplier", metavar="MUL", help="Such as 2, 10%, 5kpps or 1gbps."),
    ] = None
    duration: Annotated[
        float | None,
        typer.Option("-d", "--duration", metavar="SECONDS", min=0, help="How long to send."),
    ] = None
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace a file that is there; send also beyond the speed of the line."
        ),
    ] = False
    speed: Annotated[
        str | None, typer.Option(metavar="BPS", help="Bits a second of the line, such as 10G.")
    ] = None
    tunables: Tunables = None
    limit: Annotated[
        str | None,
        typer.Option(metavar="N", help="Stop after so many events, as TRex's simulator does."),
    ] = None
    port_macs: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[PORT=]SRC,DST", help="MAC addresses of a port, for streams that want them."
        ),
    ] = None

    @property
    def wish(self) -> ProfileWish:
        """The same for those who start profiles."""
        return ProfileWish(
            ports=tuple(self.port or ()),
            multiplier=self.multiplier,
            duration=self.duration,
            force=self.force,
            speed=self.speed,
            tunables=self.tunables,
            limit=self.limit,
            port_macs=tuple(self.port_macs or ()),
        )


@dataclass(frozen=True)
class RenderedProfile(ProfileOptions):
    """How a profile is started and written."""

    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line of JSON for each packet, too."),
    ] = None
    per_port: Annotated[
        bool, typer.Option("--per-port", help="A capture for each port: FILE-0.pcap, FILE-1.pcap.")
    ] = False

    @property
    def wish(self) -> ProfileWish:
        return replace(super().wish, events=self.events, per_port=self.per_port)


@dataclass(frozen=True)
class ShownProfile(ProfileOptions):
    """How a profile is started and shown."""

    timeline: Annotated[
        bool, typer.Option("--timeline", help="How much of which stream is sent when.")
    ] = False

    @property
    def wish(self) -> ProfileWish:
        return replace(super().wish, timeline=self.timeline)
