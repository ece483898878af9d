"""`scapy-server convert`: its options, and nothing slow to load."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.problems import one_line
from scapy_server.cli.streams.choices import Playback, ProfileWish
from scapy_server.cli.streams.options import Tunables


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
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Convert a profile into another form, and say what that does not hold.

    Examples:

        scapy-server convert profile.py -t size=64 -o profile.yaml

        scapy-server convert some.pcap --speedup 2 --loops 10 -o profile.json
    """
    from scapy_server.cli.streams.converting import run  # noqa: PLC0415 (brings NumPy and Scapy in)

    with one_line():
        ports = (port,) if port else ()
        wish = ProfileWish(ports=ports, tunables=tunables, force=force)
        run(source, output, wish, Playback(gap, speedup, loops))
