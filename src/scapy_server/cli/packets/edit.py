"""The command `edit`."""

from __future__ import annotations

from typing import Annotated

import typer

from scapy_server.cli.packets.options import (
    Bpf,
    Force,
    Format,
    Fragment,
    Fuzz,
    Output,
    Source,
    Where,
)
from scapy_server.cli.problems import one_line

Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="A field's new value (`IP.src=192.0.2.1`, `IP:1.ttl=3`), or bytes in hexadecimal "
        "from a place (`@37=1f`); may be given several times.",
    ),
]


def edit(  # noqa: PLR0913, PLR0917 (a parameter per option)
    source: Source,
    sets: Sets = None,
    where: Where = None,
    bpf: Bpf = None,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Compute lengths and checksums again.")
    ] = False,
    fragment: Fragment = None,
    fuzz: Fuzz = None,
    only: Annotated[
        bool, typer.Option("--only", help="Leave out the packets that are not chosen.")
    ] = False,
    output: Output = None,
    form: Format = None,
    force: Force = False,
    jobs: Annotated[
        int, typer.Option("-j", "--jobs", min=1, max=64, help="Processes for a directory.")
    ] = 1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Have the workers of this Dask scheduler edit a directory, such as "
            "`tcp://10.0.0.1:8786`.",
        ),
    ] = None,
) -> None:
    """Change packets: one, those of a capture, or all captures of a directory.

    A capture is copied in its own format while it is read: what is not changed keeps every
    byte, and packets keep their time stamps, original lengths, comments and interfaces. Files
    appear when they are whole. Of a packet that was built, lengths and checksums follow by
    themselves; of one that was captured with `--recompute`. Examples:

        scapy-server edit trace.pcap --set IP.src=192.0.2.1 --where 'number in 5..9' -o out.pcap

        scapy-server edit trace.pcapng --bpf 'udp port 53' --only -o dns.pcapng

        scapy-server edit TCP-SYN --set IP.dst=192.0.2.7 -o syn.pcap

        scapy-server edit traces --set Ether.dst=02:00:00:00:00:01 --jobs 4 -o edited
    """
    from scapy_server.batch.recipe import Recipe  # noqa: PLC0415 (brings Scapy in)
    from scapy_server.cli.packets.making import Destination, Workers, make  # noqa: PLC0415

    recipe = Recipe(where, bpf, only, tuple(sets or ()), fuzz, recompute, fragment)
    destination = Destination(output, form and form.value, force)
    with one_line():
        make(source, recipe, destination, Workers(jobs, dask))
