"""The options of a server that runs for long, and of those who ask it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from scapy_server import limits

#: The panels of help in which options stand that belong together.
DOOR = "Who may connect"
WORK = "Requests"
WATCHING = "Watching it"

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_SIZE = re.compile(r"([0-9]+)\s*([KMG]?)(?:i?B)?", re.IGNORECASE)


def size(text: str) -> int:
    """Bytes of `64MiB`, `1G`, `4096` and the like."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or len(match[1]) > 15:
        raise typer.BadParameter(f"{text!r} is no size; write bytes, or a number with K, M or G")
    return int(match[1]) * _UNITS[match[2].upper()]


def _worker_memory(text: str) -> int:
    least = 256 * 1024 * 1024
    if (given := size(text)) < least:
        raise typer.BadParameter(f"a worker with all protocols needs at least {least} bytes")
    return given


def _max_message(text: str) -> int:
    given = size(text)
    if not 1024 <= given <= limits.MESSAGE_BYTES:
        raise typer.BadParameter(f"must be from 1024 to {int(limits.MESSAGE_BYTES)} bytes")
    return given


Workers = Annotated[
    int,
    typer.Option(
        rich_help_panel=WORK,
        envvar="SCAPY_SERVER_WORKERS",
        min=0,
        max=1024,
        help="Worker processes; 0 is one per core.",
    ),
]
RequestTimeout = Annotated[
    float,
    typer.Option(
        rich_help_panel=WORK,
        envvar="SCAPY_SERVER_REQUEST_TIMEOUT",
        min=0.1,
        max=3600,
        help="Seconds that a request may take, and may wait for a worker.",
    ),
]
WorkerMemory = Annotated[
    int,
    typer.Option(
        rich_help_panel=WORK,
        envvar="SCAPY_SERVER_WORKER_MEMORY",
        parser=_worker_memory,
        metavar="SIZE",
        help="Memory that a worker may use, such as `2GiB`.",
    ),
]
MaxMessage = Annotated[
    int,
    typer.Option(
        rich_help_panel=WORK,
        envvar="SCAPY_SERVER_MAX_MESSAGE",
        parser=_max_message,
        metavar="SIZE",
        help="The largest request that is read at all.",
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        rich_help_panel=DOOR,
        envvar="SCAPY_SERVER_ALLOW",
        metavar="CIDR",
        help="Let only these addresses connect (`10.0.0.0/8`, `::1`); may be given several times.",
    ),
]
CurveKeys = Annotated[
    Path | None,
    typer.Option(
        rich_help_panel=DOOR,
        envvar="SCAPY_SERVER_OWN_KEYS",
        metavar="DIR",
        file_okay=False,
        help="Encrypt, and let only clients connect whose keys are in this directory "
        "(`scapy-server keys new DIR` makes it).",
    ),
]
ClientKeys = Annotated[
    Path | None,
    typer.Option(
        envvar="SCAPY_SERVER_CURVE_KEYS",
        metavar="DIR",
        file_okay=False,
        help="Connect with the client's keys in this directory, to a server that demands keys.",
    ),
]
RemoteShutdown = Annotated[
    bool,
    typer.Option(
        "--remote-shutdown/--no-remote-shutdown",
        rich_help_panel=DOOR,
        envvar="SCAPY_SERVER_REMOTE_SHUTDOWN",
        help="Whether clients may end it.",
    ),
]
Metrics = Annotated[
    int | None,
    typer.Option(
        rich_help_panel=WATCHING,
        envvar="SCAPY_SERVER_METRICS",
        min=0,
        max=65535,
        metavar="PORT",
        help="Serve metrics for Prometheus on this TCP port.",
    ),
]
MetricsHost = Annotated[
    str,
    typer.Option(
        rich_help_panel=WATCHING,
        envvar="SCAPY_SERVER_METRICS_HOST",
        help="Address on which the metrics are served.",
    ),
]
LogFormat = Annotated[
    str,
    typer.Option(
        rich_help_panel=WATCHING,
        envvar="SCAPY_SERVER_LOG_FORMAT",
        metavar="text|json",
        help="The form of the log's lines.",
    ),
]
LogMaxBytes = Annotated[
    int,
    typer.Option(
        rich_help_panel=WATCHING,
        envvar="SCAPY_SERVER_LOG_MAX_BYTES",
        parser=size,
        metavar="SIZE",
        help="Move a log file of this size away and keep five; 0 leaves that to logrotate.",
    ),
]


def check_log_format(form: str) -> str:
    """The format if there is such a one."""
    if form not in {"text", "json"}:
        raise typer.BadParameter("must be text or json", param_hint="--log-format")
    return form
