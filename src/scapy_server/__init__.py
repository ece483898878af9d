"""Scapy Server: builds, edits and dissects packets for clients that speak JSON-RPC over ZeroMQ.

From the wire down: `transport` owns the sockets, `workers` are processes that answer, `rpc` is
JSON-RPC itself, `services` are what can be called, and `server` puts them together. Below them
`streams` say which packets are sent and when, `programs` and `engine` how they vary, `catalog` what
exists (definitions, templates), `captures` are files of packets, and `packet` turns models into
bytes and field trees; it alone imports Scapy. `client` speaks to the wire; `console` and `web` are
for people, over one `desk`; `cli` has the commands, and `batch` does without a server.

CONTRIBUTING.md shows who may import whom, and which modules are the ground of all.
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
