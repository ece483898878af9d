"""`scapy-server keys`: keys for servers that demand them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scapy_server.cli.problems import fail

keys = typer.Typer(help="Make keys for servers that demand them.", no_args_is_help=True)


@keys.command()
def new(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
    client: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Name of a client; may be given several times."),
    ] = None,
) -> None:
    """Make CURVE keys for a server and its clients.

    The server runs with `--curve-keys DIR`. A client needs `server.key` and its own
    `NAME.key_secret`, in a directory of its own on its own machine. Called again with
    `--client`, it adds keys for more clients to those of the same server.
    """
    from scapy_server.transport.keys import KeyFileError, make  # noqa: PLC0415 (brings ZeroMQ in)

    try:
        for path in make(directory, client or ["client"]):
            typer.echo(str(path))
    except KeyFileError as error:
        fail(str(error))
