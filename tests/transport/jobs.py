"""Jobs as a front makes them."""

from __future__ import annotations

from scapy_server.rpc.peek import peek
from scapy_server.transport.framing import split
from scapy_server.transport.job import Job


def job(
    connection: int = 1, request: bytes = b"{}", owner: str = "127.0.0.1", now: float = 0.0
) -> Job:
    """A request that came by this connection, of this owner."""
    message = split([b"", request])
    return Job(message, request, peek(request), connection, "127.0.0.1", owner, now)
