"""The commands `render`, `preview` and `convert`: their options, and nothing slow to load."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.choices import Playback, Shown, Wish
from scapy_server.cli.grouped import grouped
from scapy_server.cli.problems import one_line
from scapy_server.cli.stream_options import RenderedProfile, ShownProfile, StreamOptions, Tunables

Source = Annotated[
    str,
    typer.Argument(
        help="A profile (TRex's JSON, YAML or Python, or an array of its requests), a `.trp` "
        "file, the id of a template, a Scapy expression, a packet model and program in JSON, or a "
        "capture; `-` is standard input.",
    ),
]


@grouped
def render(
    context: typer.Context,
    source: Source,
    wish: Wish,
    stream: StreamOptions,
    profile: RenderedProfile,
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

    with one_line():
        run(source, stream.selection, wish, profile.wish, context.obj)


@grouped
def preview(source: Source, shown: Shown, stream: StreamOptions, profile: ShownProfile) -> None:
    """Show the fields that change from packet to packet, or the packets of a profile.

    Examples:

        scapy-server preview stream.json

        scapy-server preview stream.json -n 20 --start 4G --plot stream.svg
    """
    from scapy_server.cli.preview import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with one_line():
        run(source, stream.selection, shown, profile.wish)


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
