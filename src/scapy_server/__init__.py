"""Scapy Server: builds, edits and dissects packets for clients that speak JSON-RPC over ZeroMQ.

From the wire down: `server` owns the sockets, `rpc` is JSON-RPC itself, `methods` is what can be
called, `field_engine` varies packets, `catalog` is what exists (definitions, templates), and
`packet` turns packet models into bytes and field trees; it alone imports Scapy. `errors` and
`limits` are the ground they all stand on. `client` speaks to the wire, the `console` is for people
who do so, and `cli` has the commands that start all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scapy_server.release import VERSION

if TYPE_CHECKING:
    from scapy_server.client import AsyncClient, Client, ClientError, Packet

__version__ = VERSION

__all__ = ["AsyncClient", "Client", "ClientError", "Packet", "__version__"]


def __getattr__(name: str) -> object:
    """The client on first use, so that the rest of the package does not bring ZeroMQ in."""
    if name in __all__:
        from scapy_server import client  # noqa: PLC0415

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
