"""Requests that wait for a worker: in order of arrival for a client, in turn between clients."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.transport.job import Job


class FairQueue:
    """Whoever sends much waits behind himself, not before others."""

    def __init__(self) -> None:
        self._clients: OrderedDict[bytes, deque[Job]] = OrderedDict()
        self._length = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._length

    @property
    def bytes(self) -> int:
        """The size of all requests that wait."""
        return self._bytes

    @property
    def clients(self) -> int:
        """How many clients have requests that wait."""
        return len(self._clients)

    def put(self, job: Job, now: float) -> None:
        """Add a request; RefusedError says that the server is busy."""
        own = self._clients.get(job.client, ())
        if len(own) >= limits.QUEUED_REQUESTS_OF_A_CLIENT:
            raise RefusedError(
                f"the server is busy: {len(own)} requests of this client wait already, "
                "send the next when one is answered"
            )
        own_bytes = sum(len(waiting.request) for waiting in own) if self._bytes > _MANY else 0
        if own and own_bytes + len(job.request) > limits.QUEUED_BYTES_OF_A_CLIENT:
            raise RefusedError(
                f"the server is busy: {own_bytes} bytes of requests of this client wait "
                "already, send the next when one is answered"
            )
        if self._length >= limits.QUEUED_REQUESTS:
            raise RefusedError(f"the server is busy: {self._length} requests wait, try again later")
        if self._length and self._bytes + len(job.request) > limits.QUEUED_BYTES:
            raise RefusedError(
                f"the server is busy: {self._bytes} bytes of requests wait, try again later"
            )
        job.queued = now
        self._clients.setdefault(job.client, deque()).append(job)
        self._count(job, 1)

    def put_back(self, job: Job, now: float) -> None:
        """Put a request that was taken before all others."""
        job.queued = now
        self._clients.setdefault(job.client, deque()).appendleft(job)
        self._clients.move_to_end(job.client, last=False)
        self._count(job, 1)

    def take(self) -> Job | None:
        """The next request of the client whose turn it is."""
        if not self._clients:
            return None
        client, own = self._clients.popitem(last=False)
        job = own.popleft()
        if own:
            self._clients[client] = own
        self._count(job, -1)
        return job

    def expired(self, before: float) -> Iterator[Job]:
        """Take out the requests that were put in before this time."""
        for client, own in list(self._clients.items()):
            while own and own[0].queued < before:
                job = own.popleft()
                self._count(job, -1)
                yield job
            if not own:
                del self._clients[client]

    def _count(self, job: Job, sign: int) -> None:
        self._length += sign
        self._bytes += sign * len(job.request)


#: Up to here no client can have reached its own bound of bytes.
_MANY = limits.QUEUED_BYTES_OF_A_CLIENT // 2
