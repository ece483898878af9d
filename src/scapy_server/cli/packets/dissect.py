"""The command `dissect`."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.packets.options import Bpf, Source, Where
from scapy_server.cli.problems import one_line


def dissect(
    source: Source,
    where: Where = None,
    bpf: Bpf = None,
    count: Annotated[
        int | None,
        typer.Option("-n", "--count", metavar="N", min=1, help="Stop after so many packets."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each packet as a line of JSON.")
    ] = False,
) -> None:
    """Show the fields and bytes of packets, without a server.

    Each line has a field's place, its size, its name and its value. Examples:

        scapy-server dissect trace.pcapng:5

        scapy-server dissect trace.pcap --where 'TCP.flags == S' -n 10

        scapy-server dissect trace.pcap --json | jq .data[1].id

        scapy-server dissect ffffffffffff0000000200000806
    """
    from scapy_server.batch.recipe import Recipe  # noqa: PLC0415 (brings Scapy in)
    from scapy_server.cli.packets.showing import show  # noqa: PLC0415

    with one_line():
        show(source, Recipe(where, bpf), count, as_json)
