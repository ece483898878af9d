"""`scapy-server version`, and the option that says the same."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server import release


def version_text() -> str:
    """The line of `version` and `--version`."""
    return f"scapy-server {release.VERSION} (protocol {release.PROTOCOL_VERSION})"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version_text())
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option(
        "-V", "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
]


def version() -> None:
    """Print the version of this program."""
    typer.echo(version_text())
