"""The commands `render` and `preview`: their options, and nothing that is slow to load."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import typer

from scapy_server.errors import ScapyServerError


class Format(str, Enum):
    """The formats of captures."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
    RAW = "raw"


class HardwareState(str, Enum):
    """What of the checksums of fix_checksum_hw is shown."""

    COMPLETE = "complete"
    RAW = "raw"


Source = Annotated[
    str,
    typer.Argument(
        help="A `.trp` file, the id of a template, a JSON file (packet model and program, or "
        "streams of TRex), or a capture, whose first packet is taken.",
    ),
]
Program = Annotated[
    Path | None,
    typer.Option("--program", metavar="FILE", help="JSON file with the program to use."),
]
StreamName = Annotated[
    str | None, typer.Option("--stream", metavar="NAME", help="Which stream of a profile.")
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=0xFFFFFFFF, help="The stream's random_seed, if it has none or other."),
]
Cores = Annotated[int, typer.Option(min=1, help="Data-plane cores that share the stream.")]
Start = Annotated[str, typer.Option(metavar="N", help="Number of the first packet.")]
Hardware = Annotated[
    HardwareState,
    typer.Option(help="Checksums that the network card computes: complete, or as it gets them."),
]


@dataclass(frozen=True)
class Selection:
    """What the command line says of a stream besides its source."""

    program: Path | None = None
    stream: str | None = None
    seed: int | None = None
    cores: int = 1
    hardware: Literal["complete", "raw"] = "complete"


def render(  # noqa: PLR0913, PLR0917 (a parameter per option)
    context: typer.Context,
    source: Source,
    count: Annotated[
        str | None,
        typer.Option("-n", "--count", metavar="N", help="How many packets, such as 1000 or 10M."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="FILE", help="The capture; `-` is standard output."),
    ] = None,
    program: Program = None,
    stream: StreamName = None,
    start: Start = "0",
    rate: Annotated[
        str | None,
        typer.Option(metavar="PPS", help="Packets a second for time stamps, such as 1.5M."),
    ] = None,
    gap: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Time between packets instead, such as 10us."),
    ] = None,
    seed: Seed = None,
    cores: Cores = 1,
    hardware: Hardware = HardwareState.COMPLETE,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name ends with, or pcap."),
    ] = None,
    nano: Annotated[bool, typer.Option("--nano", help="Time stamps in nanoseconds.")] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, max=64, help="Processes.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
) -> None:
    """Write the packets of a stream into a capture, as TRex would send them.

    Examples:

        scapy-server render TCP-SYN -n 1000 -o syn.pcap

        scapy-server render stream.json -n 10M --rate 1M -j 2 -o stream.pcapng

        scapy-server render first.pcap --program vary.json -n 1000 -o - | tcpdump -nr -

    Ctrl+C leaves a shorter capture that is whole.
    """
    from scapy_server.cli.render import Wish, run  # noqa: PLC0415 (brings NumPy and Scapy in)

    wish = Wish(count, output, start, rate, gap, form, nano, jobs, dry_run)
    with _one_line():
        run(source, Selection(program, stream, seed, cores, hardware.value), wish, context.obj)


def preview(  # noqa: PLR0913, PLR0917 (a parameter per option)
    source: Source,
    count: Annotated[
        str, typer.Option("-n", "--count", metavar="N", help="How many packets to show.")
    ] = "10",
    program: Program = None,
    stream: StreamName = None,
    start: Start = "0",
    seed: Seed = None,
    cores: Cores = 1,
    hardware: Hardware = HardwareState.COMPLETE,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw each changing field over the packets, and how often it has which value, "
            "into a .svg, .png or .pdf file.",
        ),
    ] = None,
    plot_count: Annotated[
        str, typer.Option("--plot-count", metavar="N", help="How many packets to draw.")
    ] = "1000",
) -> None:
    """Show the fields that change from packet to packet.

    Examples:

        scapy-server preview stream.json

        scapy-server preview stream.json -n 20 --start 4G --plot stream.svg
    """
    from scapy_server.cli.preview import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with _one_line():
        selection = Selection(program, stream, seed, cores, hardware.value)
        run(source, selection, (start, count), (plot, plot_count) if plot else None)


@contextmanager
def _one_line() -> Iterator[None]:
    """Turn an error into a line on standard error and exit status 1."""
    try:
        yield
        sys.stdout.flush()
    except OSError as error:  # the captures' own are refusals by now
        # What is still kept would fail again, with a traceback, when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(
            f"scapy-server: {error.filename or 'standard output'}: {error.strerror}",
            file=sys.stderr,
        )
        raise typer.Exit(1) from None
    except ScapyServerError as error:
        print("scapy-server:", " ".join(error.detail.split()), file=sys.stderr)
        raise typer.Exit(1) from None
