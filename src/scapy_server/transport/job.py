"""A request on its way through the front."""

from __future__ import annotations

import msgspec

from scapy_server.rpc.peek import Peek, fingerprint
from scapy_server.transport.framing import Message


class Job(msgspec.Struct, eq=False):
    """A request that has no reply yet. `arrived` and `queued` are monotonic times.

    `connection` is the number of the one that it came by, `owner` who shares what there is
    with others: a client's key, or else its address. `deaths` counts the workers that were
    lost while they worked on it, for reasons that may or may not be its fault.
    """

    message: Message
    request: bytes
    glance: Peek
    connection: int
    address: str
    owner: str
    arrived: float
    queued: float = 0.0
    deaths: int = 0
    _fingerprint: bytes | None = None

    @property
    def size(self) -> int:
        """The bytes that it holds, envelope and all."""
        return len(self.request) + sum(map(len, self.message.envelope))

    @property
    def fingerprint(self) -> bytes:
        """What tells this request from others that ask for something else."""
        if self._fingerprint is None:
            self._fingerprint = fingerprint(self.request)
        return self._fingerprint
