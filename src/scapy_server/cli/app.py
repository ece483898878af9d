"""The commands."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.console import Console

from scapy_server import release
from scapy_server.cli import operation
from scapy_server.cli.options import DEFAULT_LOG, ServeCommand
from scapy_server.cli.packets.build import build
from scapy_server.cli.packets.dissect import dissect
from scapy_server.cli.packets.edit import edit
from scapy_server.cli.ports import PortsCommand, beside, ports, ports_status
from scapy_server.cli.render_command import convert, preview, render
from scapy_server.cli.web import web
from scapy_server.errors import RefusedError
from scapy_server.extras import needed
from scapy_server.process.stop import StopSignals
from scapy_server.schema.status import ServerStatus

app = typer.Typer(
    name="scapy-server",
    help="Build, edit and dissect packets with Scapy, over JSON-RPC 2.0 on ZeroMQ.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

keys = typer.Typer(help="Make keys for servers that demand them.", no_args_is_help=True)
app.add_typer(keys, name="keys")

Port = Annotated[
    int,
    typer.Option(
        "-s", "--port", min=0, max=65535, help="TCP port to listen on; 0 takes a free one."
    ),
]
Host = Annotated[
    str,
    typer.Option(
        help="Address, interface or name to listen on; `*` is every address, "
        "`127.0.0.1` this host alone."
    ),
]
DEFAULT_SERVER = f"localhost:{release.DEFAULT_PORT}"
Server = Annotated[
    str, typer.Option(envvar="SCAPY_SERVER", metavar="HOST:PORT", help="The server to ask.")
]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait for the reply.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show each request and reply.")]
Log = Annotated[
    Path | None,
    typer.Option(
        "-l",
        "--log",
        metavar="[FILE]",
        dir_okay=False,
        help=f"Append a line per request to a log file, {DEFAULT_LOG} if none is named; "
        "`--log=-` is standard error; with -v also the messages.",
    ),
]


@app.command(cls=ServeCommand)
def serve(  # noqa: PLR0913, PLR0917 (a parameter per option)
    context: typer.Context,
    port: Port = release.DEFAULT_PORT,
    host: Host = "*",
    verbose: Verbose = False,
    log: Log = None,
    load: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODULE",
            help="Python module with Scapy layers of your own; may be given several times.",
        ),
    ] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="JSON file with names, types and ranges for their fields; may be given "
            "several times.",
        ),
    ] = None,
    workers: operation.Workers = 0,
    request_timeout: operation.RequestTimeout = 10.0,
    worker_memory: operation.WorkerMemory = "1GiB",  # type: ignore[assignment]
    max_message: operation.MaxMessage = "64MiB",  # type: ignore[assignment]
    allow: operation.Allow = None,
    curve_keys: operation.CurveKeys = None,
    remote_shutdown: operation.RemoteShutdown = True,
    metrics: operation.Metrics = None,
    metrics_host: operation.MetricsHost = "127.0.0.1",
    log_format: operation.LogFormat = "text",
    log_max_bytes: operation.LogMaxBytes = "0",  # type: ignore[assignment]
    with_ports: Annotated[
        list[str] | None,
        typer.Option(
            "--ports",
            metavar="PORT",
            help="Run a ports server beside it, with a port such as `loop` or "
            "`interface:eth1`; may be given several times.",
        ),
    ] = None,
) -> None:
    """Run the server.

    It answers until `shut_down` is called, Ctrl+C or SIGTERM, and then exits with 0.
    Anyone who reaches the port may use it: limit it with `--host`, `--allow` or
    `--curve-keys`.
    """
    with beside(with_ports):
        run_server(
            context.obj,
            port=port,
            host=host,
            verbose=verbose,
            log=log,
            modules=tuple(load or ()),
            definitions=tuple(definitions or ()),
            workers=workers,
            request_timeout=request_timeout,
            worker_memory=worker_memory,
            max_message=max_message,
            allow=tuple(allow or ()),
            curve_keys=curve_keys,
            remote_shutdown=remote_shutdown,
            metrics=metrics,
            metrics_host=metrics_host,
            log_format=operation.check_log_format(log_format),
            log_max_bytes=log_max_bytes,
        )


@app.command()
def call(
    method: Annotated[str, typer.Argument(help="The method, such as `build_pkt`.")],
    params: Annotated[
        list[str] | None,
        typer.Argument(help="Its parameters, each as JSON, or else taken as a plain string."),
    ] = None,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
) -> None:
    """Call a method of a running server and print its result as JSON.

    `scapy-server call supported_methods all` lists the methods. Examples:

        scapy-server call build_pkt '[{"id": "Ether"}, {"id": "IP"}]'

        scapy-server call get_template TCP-SYN

        scapy-server call get_version_handler '"1"' '"02"'

    An error reply, or none in time, is a line on standard error and exit status 1.
    Write `--` before a parameter that begins with a dash.
    """
    result = _asked(server, timeout, curve_keys, method, *map(_parameter, params or ()))
    # Escaped to ASCII, so that no text of a packet can steer the terminal.
    typer.echo(json.dumps(result, indent=2))


@app.command()
def console(
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
) -> None:
    """Edit packets and debug requests, in a conversation or over a pipe.

    Commands may be piped in, one per line; then the exit status is 1 if one of them failed:

        echo ping | scapy-server console
    """
    try:
        with needed("console", "the console"):
            from scapy_server.console import shell  # noqa: PLC0415 (an optional extra)

        succeeded = shell.run(server, timeout, curve_keys)
    except RefusedError as error:
        _fail(f"scapy-server: {error.detail}")
    except ValueError as error:
        _fail(f"Error: {error}")
    if not succeeded:
        raise typer.Exit(1)


@app.command()
def status(
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = 5.0,
    curve_keys: operation.ClientKeys = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it, as JSON.")] = False,
) -> None:
    """Show how a running server is doing: workers, requests, latencies, restarts."""
    result = _asked(server, timeout, curve_keys, "server_status")
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
        _fail(f"Error: {error}")


@app.command()
def version() -> None:
    """Print the version of this program."""
    typer.echo(f"scapy-server {release.VERSION} (protocol {release.PROTOCOL_VERSION})")


app.command()(build)
app.command()(dissect)
app.command()(edit)
app.command()(render)
app.command()(preview)
app.command()(convert)
app.command()(web)
app.command(cls=PortsCommand)(ports)
app.command()(ports_status)


def run_server(stop: StopSignals | None, **settings: Any) -> None:
    """Serve with these settings; a failure to start is one line and exit status 1."""
    from scapy_server.server.service import Settings, StartError, serve  # noqa: PLC0415

    try:
        serve(Settings(**settings), stop=stop)
    except StartError as error:
        _fail(f"scapy-server: {error}")


def _asked(server: str, timeout: float, curve_keys: Path | None, method: str, *params: Any) -> Any:
    from scapy_server.client import Client, ClientError  # noqa: PLC0415 (brings ZeroMQ in)

    try:
        with Client(server, timeout, curve_keys) as client:
            return client.call(method, *params)
    except ClientError as error:
        code = "" if error.code is None else f" {error.code}"
        _fail(f"Error{code}: {error.message}")
    except ValueError as error:
        _fail(f"Error: {error}")


def _parameter(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _fail(line: str) -> NoReturn:
    print(" ".join(line.splitlines()), file=sys.stderr)
    raise typer.Exit(1)
