"""`scapy-server explain`: its options, and nothing slow to load."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.problems import one_line
from scapy_server.cli.streams.options import Program, Source, StreamName


def explain(
    source: Source,
    program: Program = None,
    stream: StreamName = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what `explain_program` answers.")
    ] = False,
) -> None:
    """Say in words what a Field Engine program does to its packet.

    A sentence for each instruction, then after how many packets they repeat, and how many
    packets and flows differ. Compiled programs, as in TRex's profiles, are read back first.
    Examples:

        scapy-server explain stream.json

        scapy-server explain profile.json --stream syn
    """
    from scapy_server.cli.streams.explaining import run  # noqa: PLC0415 (brings Scapy in)

    with one_line():
        run(source, program, stream, as_json)
