"""The server under its documented name: `python -m scapy_zmq_server -s 5555`, or

    from scapy_zmq_server import *
    s = Scapy_server(5555)
    s.activate()

Source: RPC document, "Usage of Scapy RPC Server".
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from scapy_server.release import DEFAULT_PORT
from scapy_server.server.stop import Stopped, StopSignals

__all__ = ["Scapy_server"]


class Scapy_server:
    """A server on `port`; `activate` runs it."""

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        host: str = "*",
        verbose: bool = False,
        log: str | Path | None = None,
    ) -> None:
        self.port = port
        self.host = host
        self.verbose = verbose
        self.log = None if log is None else Path(log)

    def activate(self) -> None:
        """Answer requests until `shut_down`, Ctrl+C or SIGTERM.

        Raises `scapy_server.server.service.StartError` when the server cannot start.
        """
        from scapy_server.server.service import Settings, serve  # noqa: PLC0415

        serve(Settings(self.port, self.host, self.verbose, self.log))


def main() -> None:
    """The documented command line."""
    with StopSignals() as stop:
        try:
            _run(stop)
        except Stopped:
            sys.exit(0)


def _run(stop: StopSignals) -> None:
    import typer  # noqa: PLC0415 (after the signals are caught, as it takes a while)

    from scapy_server.cli.app import Host, Log, Verbose, run_server  # noqa: PLC0415
    from scapy_server.cli.options import ServeCommand  # noqa: PLC0415

    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.command(cls=ServeCommand)
    def scapy_zmq_server(
        port: Annotated[
            int,
            typer.Option(
                "-s",
                "-p",
                "--scapy-port",
                "--port",
                min=0,
                max=65535,
                help="TCP port to listen on.",
            ),
        ] = DEFAULT_PORT,
        host: Host = "*",
        verbose: Verbose = False,
        log: Log = None,
    ) -> None:
        """Run the Scapy server; `scapy-server serve` is the same with more options."""
        run_server(stop, port=port, host=host, verbose=verbose, log=log)

    app()


if __name__ == "__main__":
    main()
