"""Requests that wait, and whose turn it is: by the processor time that each has had.

Time is shared between owners (keys, addresses), and the part of an owner between its
connections: whoever has had least goes first, in milliseconds that were measured, less those
that it has waited for its turn, however long ago it sent what waits (else ever new connections
could keep an old one waiting). Who comes back after a while, or for the first time, starts level
with those who are waiting or were served last, neither ahead for what it did not use nor behind for
what it used long ago.

One place is reserved for connections whose requests are short: see `trust`. Of those that are
only tried there, who never overran goes first, and then whose request is smaller.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.transport.job import Job
from scapy_server.transport.trust import SHORT_SECONDS, Bar, Trust, for_newcomers
from scapy_server.transport.yielding import Most

#: Why a request that waited is refused after all.
PUSHED_OUT = "more wait than it has room for"


@dataclass
class _Client:
    """A connection: the time it has had, what of it waits, and since when for its turn."""

    used: float
    since: float = 0.0
    jobs: deque[Job] = field(default_factory=deque)
    bytes: int = 0
    trust: Trust = field(default_factory=Trust)

    @property
    def doubts(self) -> tuple[float, int]:
        """How little speaks for its next request being short."""
        return (0.0, 0) if self.trust.proven else (self.trust.bar.length, self.jobs[0].size + 1)


@dataclass
class _Owner:
    """Somebody with connections. `level` is the time that the one served last had had."""

    used: float
    level: float = 0.0
    clients: OrderedDict[int, _Client] = field(default_factory=OrderedDict)
    waiting: int = 0
    newcomers: Bar = field(default_factory=for_newcomers)


def busy(problem: str) -> RefusedError:
    """What is said to those for whom there is no room."""
    return RefusedError(f"the server is busy: {problem}, try again later")


class FairQueue:
    """Times are monotonic seconds."""

    def __init__(self) -> None:
        self._owners: OrderedDict[str, _Owner] = OrderedDict()
        #: Those of whom something waits, in the order in which they came.
        self._waiting: dict[str, _Owner] = {}
        self._most_requests, self._most_bytes = Most(), Most()
        self._level = 0.0  # the time that whoever was served last had had
        self._length = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._length

    @property
    def bytes(self) -> int:
        """The size of all requests that wait, with their envelopes."""
        return self._bytes

    @property
    def clients(self) -> int:
        """How many connections have requests that wait."""
        return sum(
            bool(client.jobs)
            for owner in self._owners.values()
            for client in owner.clients.values()
        )

    # -- in

    def put(self, job: Job, now: float) -> list[Job]:
        """Add a request; RefusedError says that the server is busy.

        Whoever has nothing waiting yet may push out what was put last of those who have most.
        These requests wait no more, and are to be refused as busy.
        """
        owner, client = self._of(job)
        if len(client.jobs) >= limits.QUEUED_REQUESTS_OF_A_CLIENT:
            raise RefusedError(
                f"the server is busy: {len(client.jobs)} requests of this client wait already, "
                "send the next when one is answered"
            )
        if client.jobs and client.bytes + job.size > limits.QUEUED_BYTES_OF_A_CLIENT:
            raise RefusedError(
                f"the server is busy: {client.bytes} bytes of requests of this client wait "
                "already, send the next when one is answered"
            )
        # Whoever has nothing waiting yet is not refused for what others of its address do.
        if client.jobs and owner.waiting >= limits.QUEUED_REQUESTS_OF_AN_OWNER:
            raise RefusedError(
                f"the server is busy: {owner.waiting} requests of this address wait already, "
                "send the next when one is answered"
            )
        pushed_out = self._make_room(owner, client, job)
        job.queued = now
        if not client.jobs:
            client.since = now
        client.jobs.append(job)
        self._count(owner, client, job, 1)
        return pushed_out

    def _make_room(self, owner: _Owner, client: _Client, job: Job) -> list[Job]:
        pushed_out: list[Job] = []
        if owner.waiting and self._length >= limits.QUEUED_REQUESTS:
            most = None if client.jobs else self._who_has(self._most_requests)
            if most is None or len(most[1].jobs) < 2:
                raise busy(f"{self._length} requests wait")
            pushed_out.append(self._push_out(*most))
        while self._length and self._bytes + job.size > limits.QUEUED_BYTES:
            most = None if client.jobs else self._who_has(self._most_bytes)
            if most is None or most[1].bytes <= job.size:
                raise busy(f"{self._bytes} bytes of requests wait")
            pushed_out.append(self._push_out(*most))
        return pushed_out

    def _who_has(self, most: Most) -> tuple[_Owner, _Client] | None:
        name = most.name()
        if name is None:
            return None
        owner, connection = name
        return self._owners[owner], self._owners[owner].clients[connection]

    def _push_out(self, owner: _Owner, client: _Client) -> Job:
        job = client.jobs.pop()
        self._count(owner, client, job, -1)
        return job

    def give_way(self, excess: int) -> list[Job]:
        """Take out what was put last of those who have most, so many bytes of it."""
        pairs = [
            (owner, each) for owner in self._owners.values() for each in owner.clients.values()
        ]
        pairs.sort(key=lambda pair: pair[1].bytes, reverse=True)
        left = self._bytes - excess
        pushed_out: list[Job] = []
        for owner, client in pairs:
            while client.jobs and self._bytes > left:
                pushed_out.append(self._push_out(owner, client))
        return pushed_out

    def put_back(self, job: Job, now: float) -> None:
        """Put a request that was taken before all others of its connection."""
        owner, client = self._of(job)
        job.queued = client.since = now
        client.jobs.appendleft(job)
        self._count(owner, client, job, 1)

    def _of(self, job: Job) -> tuple[_Owner, _Client]:
        owner = self._owners.get(job.owner)
        if owner is None:
            owner = self._owners[job.owner] = _Owner(self._level)
            self._forget_some()
        if not owner.waiting:
            owner.used = max(owner.used, self._level)
        client = owner.clients.get(job.connection)
        if client is None:
            client = owner.clients[job.connection] = _Client(0.0)
        if not client.jobs:
            client.used = max(client.used, self._level_in(owner))
        return owner, client

    @staticmethod
    def _level_in(owner: _Owner) -> float:
        used = (each.used for each in owner.clients.values() if each.jobs)
        return min(used, default=owner.level)

    def _forget_some(self) -> None:
        """Drop what is remembered of those who were here longest ago and want nothing."""
        for name in list(self._owners)[: max(0, len(self._owners) - limits.REMEMBERED_OWNERS)]:
            if not self._owners[name].waiting:
                del self._owners[name]

    # -- out

    def take(
        self,
        now: float,
        reserved: bool = False,
        may: Callable[[Job], bool] = lambda job: True,
    ) -> Job | None:
        """The request whose turn it is, of those that `may` be taken.

        For the reserved place it is that of a connection which may have it.
        """
        owners = [(each.used, place, each) for place, each in enumerate(self._waiting.values())]
        heapify(owners)
        while owners:
            _, _, owner = heappop(owners)
            client = self._first_of(owner, now, reserved, may)
            if client is not None:
                self._level = max(self._level, owner.used)
                owner.level = max(owner.level, client.used)
                client.since = now
                job = client.jobs.popleft()
                self._count(owner, client, job, -1)
                return job
        return None

    @staticmethod
    def _first_of(
        owner: _Owner, now: float, reserved: bool, may: Callable[[Job], bool]
    ) -> _Client | None:
        best = None
        least = ((float("inf"), 0), 0.0)
        for client in owner.clients.values():
            if not client.jobs:
                continue
            if reserved and not client.trust.may_try(owner.newcomers, now):
                continue
            if not may(client.jobs[0]):
                continue
            waited = now - client.since
            had = (client.doubts if reserved else (0.0, 0), client.used - waited)
            if had < least:
                least, best = had, client
        return best

    def charge(self, job: Job, seconds: float) -> None:
        """The request has had so much time of a worker."""
        owner, client = self._find(job.owner, job.connection)
        if owner is not None:
            owner.used += seconds
        if client is not None:
            client.used += seconds

    def short_seconds(self, job: Job, now: float) -> float:
        """How long a request that was taken for the reserved place may run on a processor."""
        owner, client = self._find(job.owner, job.connection)
        if owner is None or client is None:
            return SHORT_SECONDS
        return client.trust.short_seconds(owner.newcomers, now)

    def was_short(self, job: Job) -> None:
        """The request was answered soon."""
        _, client = self._find(job.owner, job.connection)
        if client is not None:
            client.trust.proven = True

    def overran(self, job: Job, now: float) -> None:
        """The request was given the reserved place, and was not short."""
        owner, client = self._find(job.owner, job.connection)
        if owner is not None and client is not None:
            client.trust.overran(owner.newcomers, now)

    def forget(self, owner_name: str, connection: int) -> list[Job]:
        """The connection has ended: what of it waited, and waits no more."""
        owner, client = self._find(owner_name, connection)
        if owner is None or client is None:
            return []
        del owner.clients[connection]
        jobs = [client.jobs.popleft() for _ in range(len(client.jobs))]
        for job in jobs:
            self._count(owner, client, job, -1)
        return jobs

    def waits(self, owner_name: str, connection: int) -> bool:
        """Whether something of a connection waits."""
        _, client = self._find(owner_name, connection)
        return client is not None and bool(client.jobs)

    def _find(self, owner_name: str, connection: int) -> tuple[_Owner | None, _Client | None]:
        owner = self._owners.get(owner_name)
        return owner, None if owner is None else owner.clients.get(connection)

    def expired(self, before: float) -> Iterator[Job]:
        """Take out the requests that were put in before this time."""
        for owner in self._owners.values():
            for client in owner.clients.values() if owner.waiting else ():
                while client.jobs and client.jobs[0].queued < before:
                    job = client.jobs.popleft()
                    self._count(owner, client, job, -1)
                    yield job

    def drain(self) -> Iterator[Job]:
        """Take out all requests."""
        yield from self.expired(float("inf"))

    def _count(self, owner: _Owner, client: _Client, job: Job, sign: int) -> None:
        self._length += sign
        self._bytes += sign * job.size
        owner.waiting += sign
        client.bytes += sign * job.size
        name = job.owner, job.connection
        self._most_requests.tell(name, len(client.jobs))
        self._most_bytes.tell(name, client.bytes)
        if owner.waiting:
            self._waiting.setdefault(job.owner, owner)
        else:
            del self._waiting[job.owner]
