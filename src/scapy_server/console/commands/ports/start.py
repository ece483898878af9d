"""`start`: ports that send a profile."""

from __future__ import annotations

import getpass
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scapy_server.console.answers import Answer, Said
from scapy_server.console.command import Command
from scapy_server.console.commands.ports.link import port_numbers, ports_client
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError


@dataclass
class _Start:
    """What a person types behind `start`."""

    file: str = ""
    ports: tuple[int, ...] = ()
    multiplier: str = "1"
    seconds: float = -1.0
    force: bool = False

    @classmethod
    def read(cls, argument: str) -> _Start:
        """The options of a line; raises DeskError."""
        made = cls()
        try:
            words = iter(shlex.split(argument))
        except ValueError as error:
            raise DeskError(f"the line cannot be read: {error}") from None
        for word in words:
            if word == "-p":
                made.ports += port_numbers(_next(words, word).split(","))
            elif word == "-m":
                made.multiplier = _next(words, word)
            elif word == "-d":
                made.seconds = _seconds(_next(words, word))
            elif word == "--force":
                made.force = True
            elif word.startswith("-") or made.file:
                raise DeskError(f"start takes a file, -p, -m, -d and --force, not {word[:32]!r}")
            else:
                made.file = word
        if not made.file:
            raise DeskError("start which profile? Write start FILE")
        return made


def start(seat: Seat, argument: str) -> Answer:
    """Have ports send a profile from a file."""
    asked = _Start.read(argument)
    client = ports_client(seat)
    mul = _multiplier(asked.multiplier)
    sent = {}
    for port in asked.ports or (0,):
        streams = _streams(Path(asked.file).expanduser(), port)
        if asked.force or port not in client.acquired:
            client.acquire(port, getpass.getuser(), secrets.randbits(31), asked.force)
        client.on_port("stop_traffic", port)
        client.on_port("remove_all_streams", port)
        for stream_id, stream in streams:
            client.on_port("add_stream", port, stream_id=stream_id, stream=stream)
        client.on_port("start_traffic", port, mul=mul, duration=asked.seconds, force=asked.force)
        sent[port] = len(streams)
    lines = [f"port {port} sends {count} streams of {asked.file}" for port, count in sent.items()]
    told = [{"port": port, "streams": count} for port, count in sent.items()]
    return Said("\n".join(lines), told)


def _streams(path: Path, port: int) -> Sequence[tuple[int, dict[str, Any]]]:
    """A profile's streams, by number; raises DeskError."""
    from scapy_server.streams.documents.files import read_document  # noqa: PLC0415 (brings NumPy)
    from scapy_server.streams.documents.python_profile import (  # noqa: PLC0415
        read_python_profile,
    )

    try:
        if path.suffix == ".py":
            document = read_python_profile(path, direction=port % 2, port=port)
        else:
            document = read_document(path)
    except RefusedError as error:
        raise DeskError(error.message.partition(": ")[2]) from None
    return [(entry.stream_id, dict(entry.raw)) for entry in document.entries]


def _multiplier(text: str) -> dict[str, Any]:
    from scapy_server.streams.multiplier import Multiplier  # noqa: PLC0415 (brings NumPy)

    try:
        made = Multiplier.of_text(text)
    except RefusedError as error:
        raise DeskError(error.problem) from None
    return {"type": made.unit, "op": made.operation, "value": made.value}


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise DeskError(f"-d takes seconds, not {text[:32]!r}") from None


def _next(words: Iterator[str], option: str) -> str:
    value = next(words, None)
    if value is None:
        raise DeskError(f"{option} takes a value")
    return value


COMMAND = Command(
    "start",
    start,
    "Have ports send a profile from a file: .json, .yaml, or .py, which is code and is run. "
    "Port 0 where none is named; --force takes ports that others own, and goes beyond the "
    "line.",
    "FILE [-p PORT[,PORT]] [-m MUL] [-d SECONDS] [--force]",
    ("start profile.yaml -p 0,1 -m 10% -d 5",),
    files=True,
)
