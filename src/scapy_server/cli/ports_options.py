"""The options of the command `ports` that no other server has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scapy_server.server.ports.settings import read_speed


def speed_of(text: str) -> float:
    """A line rate as it is written; BadParameter for what is none."""
    try:
        return read_speed(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PORT]...",
        help="`loop` (two neighbours are wired; `loop:delay=1ms,jitter=100us,loss=1%,"
        "reorder=1%,duplicate=1%,rate=10m`), `interface:NAME`, `pcap:OUT[,IN]` or `null`; "
        "two ports that are wired to each other if none is named.",
    ),
]
Host = Annotated[str, typer.Option(help="Address to listen on; `*` is every one.")]
Port = Annotated[int, typer.Option("-s", "--port", min=0, max=65535, help="TCP port for requests.")]
AsyncPort = Annotated[
    int, typer.Option(min=0, max=65535, help="TCP port on which events are announced.")
]
Speed = Annotated[
    float,
    typer.Option(
        parser=speed_of, metavar="SPEED", help="Line rate: Gbit/s, or such as `100m`, `2.5g`."
    ),
]
Cores = Annotated[int, typer.Option(min=1, max=64, help="Data-plane cores that are emulated.")]
Seed = Annotated[int, typer.Option(min=0, help="Of all that is drawn for wires.")]
Clock = Annotated[
    str,
    typer.Option(
        metavar="real|virtual",
        help="`virtual` sends what has an end as fast as it can be computed.",
    ),
]
Config = Annotated[
    Path | None, typer.Option(metavar="FILE", dir_okay=False, help="A TOML file with ports.")
]
Directory = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", file_okay=False, help="Where captures are that `push_remote` may play."
    ),
]
Endpoints = Annotated[
    list[str] | None,
    typer.Option(
        "--endpoint",
        metavar="PLACE",
        help="Where `start_capture_port` and captures may connect to, `ipc:///DIRECTORY` or "
        "`tcp://ADDRESS`, and where captures may be written, `file:///DIRECTORY`; may be given "
        "several times.",
    ),
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show each request and reply.")]
Log = Annotated[
    Path | None,
    typer.Option(
        "-l", "--log", metavar="[FILE]", dir_okay=False, help="Append a line per request."
    ),
]
Notify = Annotated[int | None, typer.Option("--notify", hidden=True, envvar=None)]
