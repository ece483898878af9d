"""`scapy-server templates`: the ready-made packets, without a server."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.problems import fail


def templates(
    word: Annotated[
        str, typer.Argument(metavar="[WORD]", help="Only those in which it stands.")
    ] = "",
) -> None:
    """List the ready-made packets: their ids, and what they are for.

    Wherever a packet is asked for, its id is one: scapy-server preview TCP-SYN.
    """
    from scapy_server.catalog.templates import Templates  # noqa: PLC0415 (reads all of them)

    entries = [
        (entry.id, entry.meta.description or entry.meta.name) for entry in Templates().entries()
    ]
    found = [row for row in entries if word.lower() in " ".join(row).lower()]
    if not found:
        fail(f"no template has {word!r} in it")
    width = max(len(name) for name, _ in found)
    for name, description in found:
        typer.echo(f"{name:<{width}}  {' '.join(description.split())}".rstrip())
