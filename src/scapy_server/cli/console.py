"""`scapy-server console`: packets in a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scapy_server.cli import operation
from scapy_server.cli.asking import DEFAULT_SERVER, Server, Timeout, failed
from scapy_server.cli.problems import fail
from scapy_server.errors import RefusedError
from scapy_server.extras import needed


def console(  # noqa: PLR0913, PLR0917 (a parameter per option)
    script: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            allow_dash=True,
            help="Commands, one per line, to run instead of asking for them; `-` is standard "
            "input, as a pipe is without it.",
        ),
    ] = None,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Run a script on behind a command that fails.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value in a line for each command.")
    ] = False,
) -> None:
    """Edit packets and debug requests, in a conversation or over a pipe.

    Commands may stand in a file or be piped in, one per line; the first that fails ends them,
    and is told with its line. The exit status is 1 if one failed:

        scapy-server console commands.txt

        echo ping | scapy-server console
    """
    try:
        with needed("console", "the console"):
            # An optional extra.
            from scapy_server.console import shell  # noqa: PLC0415
            from scapy_server.console.commands import COMMANDS  # noqa: PLC0415

        wanted = shell.Wanted(server, timeout, curve_keys, keep_going, as_json, script)
        succeeded = shell.run(COMMANDS, wanted)
    except RefusedError as error:
        fail(error.detail)
    except ValueError as error:
        failed(f": {error}")
    if not succeeded:
        raise typer.Exit(1)
