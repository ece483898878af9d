"""The client under its documented name.

from scapy_zmq_client import Scapy_server_wrapper
print(Scapy_server_wrapper("localhost", 5555).get_version())
"""

from __future__ import annotations

from pathlib import Path

from scapy_server.client import Client, ClientError
from scapy_server.release import DEFAULT_PORT

__all__ = ["ClientError", "Scapy_server_wrapper"]


class Scapy_server_wrapper(Client):
    """A `scapy_server.Client` by host and port: all its methods, under their RPC names."""

    def __init__(
        self,
        dest: str = "localhost",
        server_port: int = DEFAULT_PORT,
        timeout: float = 5.0,
        curve_keys: str | Path | None = None,
    ) -> None:
        host = f"[{dest}]" if ":" in dest else dest
        super().__init__(f"{host}:{server_port}", timeout, curve_keys)
