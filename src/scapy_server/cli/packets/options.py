"""The options that commands for packets share."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

SOURCES = (
    "A Scapy expression, a packet model (JSON), the id of a template, bytes in hexadecimal, "
    "a capture (`trace.pcap`), packets of one (`trace.pcap:5`, `trace.pcap:5..9`), a file with "
    "any of these (`@file`), or `-` for standard input."
)
Source = Annotated[str, typer.Argument(help=SOURCES)]
Output = Annotated[
    str | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Written in the form that its name ends with; `-` is standard output.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]
Where = Annotated[
    str | None,
    typer.Option(
        metavar="FILTER",
        help="Only packets whose fields compare so: `IP.src == 192.0.2.1 and TCP.dport < 1024`, "
        "`number in 5..9`, `not DNS`.",
    ),
]
Bpf = Annotated[
    str | None,
    typer.Option(
        "--bpf", metavar="FILTER", help="Only packets that tcpdump's filter lets through."
    ),
]
Fragment = Annotated[
    int | None,
    typer.Option(
        "--fragment",
        metavar="MTU",
        min=68,
        max=65535,
        help="Cut IPv4 and IPv6 packets that are longer into fragments.",
    ),
]
Fuzz = Annotated[
    int | None,
    typer.Option(
        "--fuzz",
        metavar="SEED",
        min=0,
        max=(1 << 63) - 1,
        help="Random values, the same for the same seed: for the fields that a built packet "
        "leaves to their defaults, for some fields of a captured one.",
    ),
]


class Form(str, Enum):
    """The forms in which packets are written."""

    PCAP = "pcap"
    PCAPNG = "pcapng"
    HEX = "hex"
    JSON = "json"
    TRP = "trp"
    PY = "py"


Format = Annotated[
    Form | None,
    typer.Option("--format", help="By default what the file's name ends with, or hex."),
]
