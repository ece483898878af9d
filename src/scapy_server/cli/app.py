"""The commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from scapy_server import release
from scapy_server.cli import operation
from scapy_server.cli.asking import DEFAULT_SERVER, Server, Timeout, asked, failed
from scapy_server.cli.call import call
from scapy_server.cli.console import console
from scapy_server.cli.options import ServeCommand
from scapy_server.cli.packets.build import build
from scapy_server.cli.packets.dissect import dissect
from scapy_server.cli.packets.edit import edit
from scapy_server.cli.ports import PortsCommand, ports, ports_status
from scapy_server.cli.render_command import convert, preview, render
from scapy_server.cli.serve import serve
from scapy_server.cli.web import web
from scapy_server.schema.status import ServerStatus

app = typer.Typer(
    name="scapy-server",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

keys = typer.Typer(help="Make keys for servers that demand them.", no_args_is_help=True)
app.add_typer(keys, name="keys")


def version_text() -> str:
    """The line of `version` and `--version`."""
    return f"scapy-server {release.VERSION} (protocol {release.PROTOCOL_VERSION})"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version_text())
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "-V", "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Build, edit and dissect packets with Scapy, over JSON-RPC 2.0 on ZeroMQ."""


app.command(cls=ServeCommand)(serve)
app.command()(call)


app.command()(console)


@app.command()
def status(
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it, as JSON.")] = False,
) -> None:
    """Show how a running server is doing: workers, requests, latencies, restarts."""
    result = asked(server, timeout, curve_keys, "server_status")
    if as_json:
        typer.echo(json.dumps(result, indent=2))
    else:
        found = msgspec.convert(result, ServerStatus)
        operation.show_status(found, Console(markup=False, highlight=False))


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
        failed(f": {error}")


@app.command()
def version() -> None:
    """Print the version of this program."""
    typer.echo(version_text())


app.command()(build)
app.command()(dissect)
app.command()(edit)
app.command()(render)
app.command()(preview)
app.command()(convert)
app.command()(web)
app.command(cls=PortsCommand)(ports)
app.command()(ports_status)
