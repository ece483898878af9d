"""The connection to a ports server, and what commands for ports have in common."""

from __future__ import annotations

import os
from collections.abc import Sequence

from scapy_server.client.ports import DEFAULT_PORTS_SERVER, PortsClient
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError

_SERVER_VARIABLE = "SCAPY_SERVER_PORTS"


def ports_client(seat: Seat) -> PortsClient:
    """The client of the ports server, whose messages are shown as those of the packet server."""
    if seat.ports is None:
        seat.ports = connected(os.environ.get(_SERVER_VARIABLE) or DEFAULT_PORTS_SERVER)
    seat.ports.observer = seat.wire.observer
    return seat.ports


def connected(server: str) -> PortsClient:
    """A client of a ports server; DeskError for what is no `host:port`."""
    try:
        return PortsClient(server)
    except ValueError as error:
        raise DeskError(str(error)) from None


def all_ports(client: PortsClient) -> tuple[int, ...]:
    """The numbers of all ports."""
    return tuple(port["index"] for port in client.call("get_system_info")["ports"])


def port_numbers(words: Sequence[str]) -> tuple[int, ...]:
    """The ports that words name; DeskError for a word that is no number."""
    for word in words:
        if not (word.isascii() and word.isdigit()):
            raise DeskError(f"a port is a number, not {word[:32]!r}")
    return tuple(map(int, words))
