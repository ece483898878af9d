"""The server under its documented name: `python -m scapy_zmq_server -s 5555`, or

    from scapy_zmq_server import *
    s = Scapy_server(5555)
    s.activate()

Source: RPC document, "Usage of Scapy RPC Server".
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scapy_server.cli import main_of_server
from scapy_server.release import DEFAULT_PORT

__all__ = ["Scapy_server"]


class Scapy_server:
    """A server on `port`; `activate` runs it.

    `settings` are more of `scapy_server.server.settings.Settings`, such as `workers=4`.
    """

    def __init__(
        self,
        port: int = DEFAULT_PORT,
        host: str = "*",
        verbose: bool = False,
        log: str | Path | None = None,
        **settings: Any,
    ) -> None:
        self.port = port
        self.host = host
        self.verbose = verbose
        self.log = None if log is None else Path(log)
        self.settings = settings

    def activate(self) -> None:
        """Answer requests until `shut_down`, Ctrl+C or SIGTERM.

        Raises `scapy_server.server.service.StartError` when the server cannot start.
        """
        from scapy_server.server.service import Settings, serve  # noqa: PLC0415

        serve(Settings(self.port, self.host, self.verbose, self.log, **self.settings))


if __name__ == "__main__":
    main_of_server()
