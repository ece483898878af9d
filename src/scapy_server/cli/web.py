"""`scapy-server web`: the packet editor in a browser."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from scapy_server.errors import RefusedError
from scapy_server.extras import needed


def web(  # noqa: PLR0913, PLR0917 (a parameter per option)
    server: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Packet server; without it, one is started."),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own asks a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="TCP port to listen on.")] = 8080,
    templates: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Directory of one's own templates.")
    ] = None,
    curve_keys: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keys for a server that demands them.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Edit packets in a browser."""
    from scapy_server.client import ClientError  # noqa: PLC0415 (brings ZeroMQ in)
    from scapy_server.transport.address import reachable_address  # noqa: PLC0415

    try:
        with needed("web", "the editor in a browser"):
            from scapy_server.web.application import address, serve  # noqa: PLC0415 (an extra)
            from scapy_server.web.link import Link  # noqa: PLC0415
            from scapy_server.web.own_server import OwnServer  # noqa: PLC0415
    except RefusedError as error:
        typer.echo(f"scapy-server: {error.problem}", err=True)
        raise typer.Exit(1) from None
    own = OwnServer() if server is None else None
    try:
        link = Link(server or (own.address if own is not None else ""), curve_keys=curve_keys)
        if own is not None:
            own.wait()
        where = address(host, port, reachable_address(host))
        serve(
            link,
            where,
            (templates or default_directory()).expanduser(),
            open_page,
            listening=lambda: typer.echo(f"Packet editor: {where.url}"),
        )
    except (ValueError, ClientError) as error:
        typer.echo(f"scapy-server: {error}", err=True)
        raise typer.Exit(1) from None
    finally:
        if own is not None:
            own.stop()


def default_directory() -> Path:
    """Where a person's templates are, unless another directory is named."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "scapy-server" / "templates"
