"""The client under its documented name.

from scapy_zmq_client import Scapy_server_wrapper
print(Scapy_server_wrapper("localhost", 5555).get_version())

Source: RPC document, "Usage of Scapy RPC Server".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from scapy_server.client import Client, ClientError
from scapy_server.release import DEFAULT_PORT

__all__ = ["ClientError", "Scapy_server_wrapper"]


class Scapy_server_wrapper:
    """Every RPC method by its name, with parameters and results as the JSON of the document.

    ClientError where a call fails. Names that begin with an underscore are no methods.
    """

    def __init__(
        self,
        dest: str = "localhost",
        server_port: int = DEFAULT_PORT,
        timeout: float = 5.0,
        curve_keys: str | Path | None = None,
    ) -> None:
        host = f"[{dest}]" if ":" in dest else dest
        self._client = Client(f"{host}:{server_port}", timeout, curve_keys)

    def __enter__(self) -> Scapy_server_wrapper:
        return self

    def __exit__(self, *ended: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. The wrapper cannot be used afterwards."""
        self._client.close()

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)
        return partial(self._client.call, method)
