"""The commands `render`, `preview` and `convert`: their options, and nothing slow to load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from scapy_server.cli.choices import (
    Format,
    HardwareState,
    Playback,
    ProfileWish,
    Shown,
    Wish,
)
from scapy_server.cli.problems import one_line
from scapy_server.streams.sources.given import Selection

Source = Annotated[
    str,
    typer.Argument(
        help="A profile (TRex's JSON, YAML or Python, or an array of its requests), a `.trp` "
        "file, the id of a template, a Scapy expression, a packet model and program in JSON, or a "
        "capture; `-` is standard input.",
    ),
]
Program = Annotated[
    Path | None,
    typer.Option("--program", metavar="FILE", help="JSON file with the program to use."),
]
StreamName = Annotated[
    str | None, typer.Option("--stream", metavar="NAME", help="Only this stream of a profile.")
]
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=0xFFFFFFFF, help="The stream's random_seed, if it has none or other."),
]
Cores = Annotated[int, typer.Option(min=1, help="Data-plane cores that share the streams.")]
Start = Annotated[str | None, typer.Option(metavar="N", help="Number of the first packet.")]
Hardware = Annotated[
    HardwareState | None,
    typer.Option(
        help="Checksums that the network card computes: complete, or as it gets them (the "
        "default for an array of requests)."
    ),
]
Ports = Annotated[
    list[int] | None,
    typer.Option(
        "--port", min=0, max=255, help="Port of a profile, 0 by default; may be repeated."
    ),
]
Multiplier = Annotated[
    str | None,
    typer.Option("-m", "--multiplier", metavar="MUL", help="Such as 2, 10%, 5kpps or 1gbps."),
]
Duration = Annotated[
    float | None, typer.Option("-d", "--duration", metavar="SECONDS", help="How long to send.")
]
Force = Annotated[
    bool,
    typer.Option(
        "--force", help="Replace a file that is there; send also beyond the speed of the line."
    ),
]
Speed = Annotated[
    str | None, typer.Option(metavar="BPS", help="Bits a second of the line, such as 10G.")
]
Tunables = Annotated[
    str | None,
    typer.Option("-t", "--tunables", metavar="TEXT", help="Of a Python profile: size=64,vm=var1."),
]
Limit = Annotated[
    str | None,
    typer.Option(metavar="N", help="Stop after so many events, as TRex's simulator does."),
]
PortMacs = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[PORT=]SRC,DST", help="MAC addresses of a port, for streams that want them."
    ),
]


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
    start: Start = None,
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
    hardware: Hardware = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the file's name ends with, or pcap."),
    ] = None,
    nano: Annotated[bool, typer.Option("--nano", help="Time stamps in nanoseconds.")] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, max=64, help="Processes.")] = 1,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
    port: Ports = None,
    multiplier: Multiplier = None,
    duration: Duration = None,
    force: Force = False,
    speed: Speed = None,
    tunables: Tunables = None,
    limit: Limit = None,
    port_macs: PortMacs = None,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a line of JSON for each packet, too."),
    ] = None,
    per_port: Annotated[
        bool, typer.Option("--per-port", help="A capture for each port: FILE-0.pcap, FILE-1.pcap.")
    ] = False,
) -> None:
    """Write the packets of a stream or a whole profile into a capture, as TRex would send them.

    Examples:

        scapy-server render TCP-SYN -n 1000 -o syn.pcap

        scapy-server render "Ether()/IP()/UDP()" --program vary.json -n 1000 -o udp.pcap

        scapy-server render profile.py -t size=64 -m 10% -d 5 -o profile.pcap

        scapy-server render stream.json -n 10M --rate 1M -j 2 -o stream.pcapng

        scapy-server render first.pcap --program vary.json -n 1000 -o - | tcpdump -nr -

    Ctrl+C leaves a shorter capture that is whole.
    """
    from scapy_server.cli.render import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    wish = Wish(count, output, start, rate, gap, form, nano, jobs, dry_run)
    profile = ProfileWish(
        tuple(port or ()),
        multiplier,
        duration,
        force,
        speed,
        tunables,
        limit,
        events,
        tuple(port_macs or ()),
        per_port,
    )
    selection = Selection(program, stream, seed, cores, _state(hardware))
    with one_line():
        run(source, selection, wish, profile, context.obj)


def preview(  # noqa: PLR0913, PLR0917 (a parameter per option)
    source: Source,
    count: Annotated[
        str | None,
        typer.Option("-n", "--count", metavar="N", help="How many packets, 10 if left out."),
    ] = None,
    program: Program = None,
    stream: StreamName = None,
    start: Start = None,
    seed: Seed = None,
    cores: Cores = 1,
    hardware: Hardware = None,
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
    port: Ports = None,
    multiplier: Multiplier = None,
    duration: Duration = None,
    force: Force = False,
    speed: Speed = None,
    tunables: Tunables = None,
    limit: Limit = None,
    port_macs: PortMacs = None,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="How much of which stream is sent when.")
    ] = False,
) -> None:
    """Show the fields that change from packet to packet, or the packets of a profile.

    Examples:

        scapy-server preview stream.json

        scapy-server preview stream.json -n 20 --start 4G --plot stream.svg
    """
    from scapy_server.cli.preview import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    profile = ProfileWish(
        tuple(port or ()),
        multiplier,
        duration,
        force,
        speed,
        tunables,
        limit,
        port_macs=tuple(port_macs or ()),
        timeline=timeline,
    )
    selection = Selection(program, stream, seed, cores, _state(hardware))
    shown = Shown(start, count, plot, plot_count)
    with one_line():
        run(source, selection, shown, profile)


def convert(  # noqa: PLR0913, PLR0917 (a parameter per option)
    source: Annotated[str, typer.Argument(help="A profile: .json, .yaml, .py, or a capture.")],
    output: Annotated[
        str,
        typer.Option(
            "-o", "--output", metavar="FILE", help=".json, .yaml, .py, .trp or .pcap is written."
        ),
    ],
    tunables: Tunables = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=255, help="Port of a Python profile.")
    ] = 0,
    gap: Annotated[
        str | None, typer.Option(metavar="TIME", help="Between a capture's packets, such as 10us.")
    ] = None,
    speedup: Annotated[float, typer.Option(help="Play a capture so many times as fast.")] = 1.0,
    loops: Annotated[int, typer.Option(min=0, help="Play it so often; 0 is without end.")] = 1,
) -> None:
    """Convert a profile into another form, and say what that does not hold.

    Examples:

        scapy-server convert profile.py -t size=64 -o profile.yaml

        scapy-server convert some.pcap --speedup 2 --loops 10 -o profile.json
    """
    from scapy_server.cli.convert import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with one_line():
        run(source, output, tunables, port, Playback(gap, speedup, loops))


def _state(hardware: HardwareState | None) -> Literal["complete", "raw"] | None:
    if hardware is None:
        return None
    return "complete" if hardware is HardwareState.COMPLETE else "raw"
