"""`scapy-server methods`: what a server can be asked, without one."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.problems import one_line


def _names(incomplete: str) -> list[str]:
    from scapy_server.services.packets.table import METHODS  # noqa: PLC0415 (brings Scapy in)

    return [method.name for method in METHODS if method.name.startswith(incomplete)]


def methods(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", help="Only this one, with its parameters.", autocompletion=_names
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what `describe_method` answers.")
    ] = False,
) -> None:
    """List the methods that `call` calls, or describe one; no server is asked.

    scapy-server methods build_pkt
    """
    import msgspec  # noqa: PLC0415

    from scapy_server.services.packets.table import described, descriptions  # noqa: PLC0415

    with one_line():
        found = [described(name)] if name else descriptions()
        if as_json:
            typer.echo(msgspec.json.encode(found[0] if name else found).decode())
        elif name:
            typer.echo("\n".join(found[0].in_words()))
        else:
            width = max(len(each.name) for each in found)
            for each in found:
                typer.echo(f"{each.name:<{width}}  {each.summary}")
