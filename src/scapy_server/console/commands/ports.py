"""The ports of a ports server: what they do, and having them send profiles."""

from __future__ import annotations

import getpass
import os
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scapy_server.client.ports import DEFAULT_PORTS_SERVER, PortsClient
from scapy_server.console.command import Command, Desk
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError

_SERVER_VARIABLE = "SCAPY_SERVER_PORTS"
_COUNTERS = ("opackets", "ipackets", "obytes", "ibytes", "oerrors", "ierrors")
_RATES = ("m_total_tx_pps", "m_total_rx_pps", "m_total_tx_bps", "m_total_rx_bps")


def list_ports(desk: Desk, argument: str) -> None:
    """Look at the ports, of another server if one is named."""
    if argument:
        _connect(desk, argument)
    client = _client(desk)
    rows = [("port", "owner", "state", "speed", "link", "address", "kind")]
    for port in client.call("get_system_info")["ports"]:
        status = client.call("get_port_status", port_id=port["index"])
        link = "up" if status["attr"]["link"]["up"] else "down"
        speed = f"{status['attr']['speed']:g}G"
        owner, state = status["owner"] or "-", status["state"]
        about = port["description"]
        rows.append((str(port["index"]), owner, state, speed, link, port["hw_mac"], about))
    desk.out.columns(rows)


def stats(desk: Desk, argument: str) -> None:
    """Show what ports have sent and received, and how fast they do."""
    client = _client(desk)
    head = ["sent", "received", "sent bytes", "received bytes", "send errors", "receive errors"]
    rates = ["sent/s", "received/s", "sent bit/s", "received bit/s"]
    rows = [("port", *head, *rates)]
    for port in _numbers(argument.split()) or _all_ports(client):
        found = client.call("get_port_stats", port_id=port)
        counted = [str(found[name]) for name in _COUNTERS]
        rows.append((str(port), *counted, *(f"{found[name]:.0f}" for name in _RATES)))
    desk.out.columns(rows)


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
                made.ports += _numbers(_next(words, word).split(","))
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


def start(desk: Desk, argument: str) -> None:
    """Have ports send a profile from a file."""
    asked = _Start.read(argument)
    client = _client(desk)
    mul = _multiplier(asked.multiplier)
    for port in asked.ports or (0,):
        streams = _streams(Path(asked.file).expanduser(), port)
        client.acquire(port, getpass.getuser(), secrets.randbits(31), asked.force)
        client.on_port("stop_traffic", port)
        client.on_port("remove_all_streams", port)
        for stream_id, stream in streams:
            client.on_port("add_stream", port, stream_id=stream_id, stream=stream)
        client.on_port("start_traffic", port, mul=mul, duration=asked.seconds, force=asked.force)
        desk.out.line(f"port {port} sends {len(streams)} streams of {asked.file}")


def stop(desk: Desk, argument: str) -> None:
    """Have ports send no more, and give them back."""
    client = _client(desk)
    ports = _numbers(argument.split()) or client.acquired
    if not ports:
        raise DeskError("no port was started from here; name one, such as stop 0")
    for port in ports:
        client.on_port("stop_traffic", port)
        client.release(port)
        desk.out.line(f"port {port} is free")


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


def _client(desk: Desk) -> PortsClient:
    """The client of the ports server, whose messages are shown as those of the packet server."""
    if desk.ports is None:
        _connect(desk, os.environ.get(_SERVER_VARIABLE) or DEFAULT_PORTS_SERVER)
    assert desk.ports is not None
    desk.ports.observer = desk.wire.observer
    return desk.ports


def _connect(desk: Desk, server: str) -> None:
    try:
        client = PortsClient(server)
    except ValueError as error:
        raise DeskError(str(error)) from None
    if desk.ports is not None:
        desk.ports.close()
    desk.ports = client


def _all_ports(client: PortsClient) -> tuple[int, ...]:
    return tuple(port["index"] for port in client.call("get_system_info")["ports"])


def _numbers(words: Sequence[str]) -> tuple[int, ...]:
    for word in words:
        if not (word.isascii() and word.isdigit()):
            raise DeskError(f"a port is a number, not {word[:32]!r}")
    return tuple(map(int, words))


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


COMMANDS = (
    Command(
        "ports",
        list_ports,
        "List the ports of a ports server: localhost:4501, the one that SCAPY_SERVER_PORTS names, "
        "or from here on the one that is named.",
        "[HOST:PORT]",
        ("ports", "ports lab:4501"),
    ),
    Command(
        "start",
        start,
        "Have ports send a profile from a file: .json, .yaml, or .py, which is code and is run. "
        "Port 0 where none is named; --force takes ports that others own, and goes beyond the "
        "line.",
        "FILE [-p PORT[,PORT]] [-m MUL] [-d SECONDS] [--force]",
        ("start profile.yaml -p 0,1 -m 10% -d 5",),
        files=True,
    ),
    Command("stop", stop, "Have ports send no more, and give them back.", "[PORT ...]"),
    Command("stats", stats, "Show what ports have sent and received.", "[PORT ...]"),
)
