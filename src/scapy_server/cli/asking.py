"""Asking a running server: the options of whoever does, and one call of a method."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from scapy_server import release
from scapy_server.errors import ErrorCode
from scapy_server.wording import nearest

DEFAULT_SERVER = f"localhost:{release.DEFAULT_PORT}"
Server = Annotated[
    str, typer.Option(envvar="SCAPY_SERVER", metavar="HOST:PORT", help="The server to ask.")
]
Timeout = Annotated[
    float,
    typer.Option(envvar="SCAPY_SERVER_TIMEOUT", min=0, help="Seconds to wait for the reply."),
]


def asked(
    server: str, timeout: float, curve_keys: Path | None, method: str, params: Any = ()
) -> Any:
    """The result of a method, its parameters by position or in a dictionary by name.

    What goes wrong is a line on standard error, and ends the command with exit status 1.
    """
    from scapy_server.client import Client, ClientError  # noqa: PLC0415 (brings ZeroMQ in)

    try:
        with Client(server, timeout, curve_keys) as client:
            if isinstance(params, dict):
                return client.call(method, **params)
            return client.call(method, *params)
    except ClientError as error:
        code = "" if error.code is None else f" {error.code}"
        unknown = error.code == ErrorCode.METHOD_NOT_FOUND
        hint = nearest(method, method_names(server, timeout, curve_keys)) if unknown else ""
        failed(f"{code}: {error.message}{hint}")
    except ValueError as error:
        failed(f": {error}")


def method_names(server: str, timeout: float, curve_keys: Path | None = None) -> list[str]:
    """The methods of a server; none if it does not say."""
    from scapy_server.client import Client, ClientError  # noqa: PLC0415 (brings ZeroMQ in)

    try:
        with Client(server, timeout, curve_keys) as client:
            found = client.call("supported_methods", "all")
    except (ClientError, ValueError):
        return []
    return list(found) if isinstance(found, dict) else []


def failed(what: str) -> NoReturn:
    """End the command: `Error`, and what is said of it."""
    typer.echo(" ".join(f"Error{what}".splitlines()), err=True)
    raise typer.Exit(1)
