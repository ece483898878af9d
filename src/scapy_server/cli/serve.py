"""The command `serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scapy_server import release
from scapy_server.cli import operation
from scapy_server.cli.options import DEFAULT_LOG
from scapy_server.cli.ports import beside
from scapy_server.cli.problems import fail
from scapy_server.process.stop import StopSignals

_OWN = "What it has besides"

Port = Annotated[
    int,
    typer.Option(
        "-s",
        "--port",
        envvar="SCAPY_SERVER_PORT",
        min=0,
        max=65535,
        help="TCP port to listen on; 0 takes a free one.",
    ),
]
Host = Annotated[
    str,
    typer.Option(
        envvar="SCAPY_SERVER_HOST",
        help="Address, interface or name to listen on; `*` is every address, "
        "`127.0.0.1` this host alone.",
    ),
]
Verbose = Annotated[
    bool,
    typer.Option(
        "-v",
        "--verbose",
        rich_help_panel=operation.WATCHING,
        envvar="SCAPY_SERVER_VERBOSE",
        help="Show each request and reply.",
    ),
]
Log = Annotated[
    Path | None,
    typer.Option(
        "-l",
        "--log",
        rich_help_panel=operation.WATCHING,
        envvar="SCAPY_SERVER_LOG",
        metavar="[FILE]",
        dir_okay=False,
        help=f"Append a line per request to a log file, {DEFAULT_LOG} if none is named; "
        "`--log=-` is standard error; with -v also the messages.",
    ),
]
Load = Annotated[
    list[str] | None,
    typer.Option(
        rich_help_panel=_OWN,
        envvar="SCAPY_SERVER_LOAD",
        metavar="MODULE",
        help="Python module with Scapy layers of your own; may be given several times.",
    ),
]
Definitions = Annotated[
    list[Path] | None,
    typer.Option(
        rich_help_panel=_OWN,
        envvar="SCAPY_SERVER_DEFINITIONS",
        metavar="FILE",
        help="JSON file with names, types and ranges for their fields; may be given several times.",
    ),
]
OwnTemplates = Annotated[
    list[Path] | None,
    typer.Option(
        "--templates",
        rich_help_panel=_OWN,
        envvar="SCAPY_SERVER_TEMPLATES",
        metavar="DIRECTORY",
        help="Directory with .trp templates of your own, which stand in the place of ours of "
        "the same name; may be given several times.",
    ),
]
WithPorts = Annotated[
    list[str] | None,
    typer.Option(
        "--ports",
        rich_help_panel=_OWN,
        envvar="SCAPY_SERVER_PORTS",
        metavar="PORT",
        help="Run a ports server beside it, with a port such as `loop` or "
        "`interface:eth1`; may be given several times.",
    ),
]


def serve(  # noqa: PLR0913, PLR0917 (a parameter per option)
    context: typer.Context,
    port: Port = release.DEFAULT_PORT,
    host: Host = "*",
    allow: operation.Allow = None,
    curve_keys: operation.CurveKeys = None,
    remote_shutdown: operation.RemoteShutdown = True,
    workers: operation.Workers = 0,
    request_timeout: operation.RequestTimeout = 10.0,
    worker_memory: operation.WorkerMemory = "1GiB",  # type: ignore[assignment]
    max_message: operation.MaxMessage = "64MiB",  # type: ignore[assignment]
    verbose: Verbose = False,
    log: Log = None,
    log_format: operation.LogFormat = "text",
    log_max_bytes: operation.LogMaxBytes = "0",  # type: ignore[assignment]
    metrics: operation.Metrics = None,
    metrics_host: operation.MetricsHost = "127.0.0.1",
    load: Load = None,
    definitions: Definitions = None,
    templates: OwnTemplates = None,
    with_ports: WithPorts = None,
) -> None:
    """Run the server.

    It answers until `shut_down` is called, Ctrl+C or SIGTERM, and then exits with 0.
    Anyone who reaches the port may use it: limit it with `--host`, `--allow` or
    `--curve-keys`. Every option has a variable in the environment, such as
    `SCAPY_SERVER_PORT`; docs/cli.md lists them.
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
            templates=tuple(templates or ()),
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


def run_server(stop: StopSignals | None, **settings: Any) -> None:
    """Serve with these settings; a failure to start is one line and exit status 1."""
    from scapy_server.server.service import Settings, StartError, serve  # noqa: PLC0415

    try:
        serve(Settings(**settings), stop=stop)
    except StartError as error:
        fail(str(error))
