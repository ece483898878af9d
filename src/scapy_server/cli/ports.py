"""The commands `ports` and `ports-status`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, cast

import typer

from scapy_server.cli import operation
from scapy_server.cli import ports_options as options
from scapy_server.cli.options import ServeCommand
from scapy_server.cli.screen import screen, table
from scapy_server.process import kernel
from scapy_server.server.errors import StartError
from scapy_server.server.ports.places import read_places
from scapy_server.server.ports.settings import (
    DEFAULT_ASYNC_PORT,
    DEFAULT_PORT,
    PortsSettings,
    read_file,
    read_ports,
)
from scapy_server.services.ports.plane.line import LineError

if TYPE_CHECKING:
    from scapy_server.client.ports import PortsClient


def ports(  # noqa: PLR0913, PLR0917 (a parameter per option)
    context: typer.Context,
    words: options.Words = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = DEFAULT_PORT,
    async_port: options.AsyncPort = DEFAULT_ASYNC_PORT,
    speed: options.Speed = "10",  # type: ignore[assignment]
    cores: options.Cores = 1,
    seed: options.Seed = 1,
    clock: options.Clock = "real",
    config: options.Config = None,
    directory: options.Directory = None,
    endpoints: options.Endpoints = None,
    verbose: options.Verbose = False,
    log: options.Log = None,
    allow: operation.Allow = None,
    remote_shutdown: operation.RemoteShutdown = True,
    metrics: operation.Metrics = None,
    metrics_host: operation.MetricsHost = "127.0.0.1",
    log_format: operation.LogFormat = "text",
    notify: options.Notify = None,
) -> None:
    """Run software ports that TRex's clients drive.

    Scripts with STLClient, HLTAPI and trex-console connect to it as to a TRex server:

        scapy-server ports

        trex-console -s 127.0.0.1
    """
    from scapy_server.server.ports.service import serve_ports  # noqa: PLC0415

    if clock not in {"real", "virtual"}:
        raise typer.BadParameter("must be real or virtual", param_hint="--clock")
    chosen: dict[str, Any] = {
        "host": host,
        "port": port,
        "async_port": async_port,
        "cores": cores,
        "seed": seed,
        "clock": cast(Literal["real", "virtual"], clock),
        "directory": directory,
        "log": log,
        "verbose": verbose,
        "allow": tuple(allow or ()),
        "remote_shutdown": remote_shutdown,
        "metrics": metrics,
        "metrics_host": metrics_host,
        "log_format": operation.check_log_format(log_format),
        "notify": notify,
    }
    if notify is not None:
        kernel.die_with_parent(os.getppid())
    try:
        chosen["ports"] = read_ports(words or [], speed)
        chosen["endpoints"] = read_places(endpoints or [])
        if config is not None:
            chosen = read_file(config, chosen, speed)
        serve_ports(PortsSettings(**chosen), stop=context.obj)
    except (LineError, StartError) as error:
        _fail(f"scapy-server: {error}")


@contextmanager
def beside(words: list[str] | None) -> Iterator[None]:
    """Have a ports server with these ports run as long as the block does; none for None.

    The block begins when it serves; where it cannot, it has said why, and the command ends.
    """
    if words is None:
        yield
        return
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "scapy_server", "ports", "--notify", str(writing), *words]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[writing]) as process:
        try:
            os.close(writing)
            with os.fdopen(reading, "rb") as notice:
                if not notice.read(1):
                    raise typer.Exit(1)
            yield
        finally:
            process.terminate()


class PortsCommand(ServeCommand):
    """The command whose `-l/--log` may stand without a file.

    Its variables are its own: it runs beside `serve`, in the same environment.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for parameter in self.params:
            if isinstance(parameter.envvar, str):
                parameter.envvar = parameter.envvar.replace("SCAPY_SERVER_", "SCAPY_PORTS_")


def ports_status(
    server: Annotated[
        str, typer.Option(envvar="SCAPY_PORTS", metavar="HOST:PORT", help="The ports server.")
    ] = f"localhost:{DEFAULT_PORT}",
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for the reply.")] = 5.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it, as JSON.")] = False,
) -> None:
    """Show what the ports of a running ports server are doing."""
    from scapy_server.client import ClientError  # noqa: PLC0415 (brings ZeroMQ in)
    from scapy_server.client.ports import PortsClient  # noqa: PLC0415

    try:
        with PortsClient(server, timeout) as client:
            found = _status(client)
    except (ClientError, ValueError) as error:
        _fail(f"Error: {error}")
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    else:
        _show(found)


def _status(client: PortsClient) -> list[dict[str, Any]]:
    info = client.call("get_system_info")
    found = []
    for each in info["ports"]:
        number = each["index"]
        status = client.call("get_port_status", port_id=number, profile_id="*", block=False)
        counted = client.call("get_port_stats", port_id=number)
        found.append({"description": each["description"], "index": number, **status, **counted})
    return found


def _show(found: list[dict[str, Any]]) -> None:
    columns = ("port", "kind", "owner", "state", "tx packets", "rx packets", "tx pps", "rx pps")
    rows = table(*columns, "tx Mbit/s", "rx Mbit/s")
    for port in found:
        rows.add_row(
            str(port["index"]),
            port["description"],
            port["owner"] or "-",
            port["state"],
            str(port["opackets"]),
            str(port["ipackets"]),
            f"{port['m_total_tx_pps']:.0f}",
            f"{port['m_total_rx_pps']:.0f}",
            f"{port['m_total_tx_bps'] / 1e6:.3f}",
            f"{port['m_total_rx_bps'] / 1e6:.3f}",
        )
    screen().print(rows)


def _fail(line: str) -> NoReturn:
    typer.echo(" ".join(line.splitlines()), err=True)
    raise typer.Exit(1)
