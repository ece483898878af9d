"""The command line of `scapy_zmq_server` as the RPC document describes it."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.options import ServeCommand
from scapy_server.cli.serve import Host, Log, Verbose, run_server
from scapy_server.release import DEFAULT_PORT

app = typer.Typer(
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Port = Annotated[
    int,
    typer.Option(
        "-s", "-p", "--scapy-port", "--port", min=0, max=65535, help="TCP port to listen on."
    ),
]


@app.command(cls=ServeCommand)
def scapy_zmq_server(
    context: typer.Context,
    port: Port = DEFAULT_PORT,
    host: Host = "*",
    verbose: Verbose = False,
    log: Log = None,
) -> None:
    """Run the Scapy server; `scapy-server serve` is the same with more options."""
    run_server(context.obj, port=port, host=host, verbose=verbose, log=log)
