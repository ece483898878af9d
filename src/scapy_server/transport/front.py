"""The front: one loop between clients and a backend. It runs no method that takes time.

A request becomes a job, is answered here if that is cheap (the front's own methods, the
shortcut), and else goes to the backend. Whatever becomes of it there, a job is answered
exactly once, with its own id, by `_reply`. The front knows no method by name.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from scapy_server import limits
from scapy_server.errors import InvalidRequest, RefusedError, ScapyServerError
from scapy_server.process.stop import StopSignals
from scapy_server.rpc import Dispatcher, Reply
from scapy_server.rpc.envelope import failure
from scapy_server.rpc.peek import Peek, peek, peek_at_ends, request_id
from scapy_server.transport.backend import Answered, Backend
from scapy_server.transport.codec import Codec, Plain
from scapy_server.transport.doorway import Doorkeeper
from scapy_server.transport.fair_queue import busy
from scapy_server.transport.framing import split
from scapy_server.transport.job import Job
from scapy_server.transport.room import Room
from scapy_server.transport.router import Received, Router, Undeliverable
from scapy_server.transport.shortcut import NoShortcut, Shortcut
from scapy_server.transport.zmtp.frames import Cut

TICK_SECONDS = 0.2  # between two looks at deadlines
_FAREWELL_SECONDS = 1.0  # for telling those who come while the server ends
_NO_PEEK = Peek()


class Books(Doorkeeper, Protocol):
    """Is told of every request and every reply."""

    def asked(self, job: Job) -> None:
        """A message has come."""

    def answered(
        self, job: Job, reply: Reply, seconds: float, lost: Undeliverable | None, short: bool
    ) -> None:
        """A reply was made, and sent unless it was `lost`; a `short` one without the backend."""


@dataclass(frozen=True)
class Service:
    """What a front needs to know of the service behind it.

    `own` are the methods that the front answers itself, `codec` makes texts of frames, and
    `shortcut` knows answers without asking the backend.
    """

    backend: Backend
    own: Dispatcher = field(default_factory=lambda: Dispatcher((), None))
    codec: Codec = field(default_factory=Plain)
    shortcut: Shortcut = field(default_factory=NoShortcut)


class Part(Protocol):
    """Something else that the loop looks after, such as a publisher."""

    def fileno(self) -> int:
        """A descriptor that is readable when `turn` has something to do."""

    @property
    def unserved(self) -> bool:
        """Whether `turn` has left something to do."""

    def turn(self, now: float) -> None:
        """See to what has come; must be quick."""

    def tick(self, now: float) -> None:
        """Called several times a second."""


class Front:
    """Serves until it is told to stop; then answers what is in flight and returns."""

    def __init__(
        self,
        router: Router,
        service: Service,
        stop: StopSignals,
        books: Books,
        parts: Sequence[Part] = (),
    ) -> None:
        self.shut_down = False
        self._router = router
        self._service = service
        self._backend = service.backend
        self._stop = stop
        self._books = books
        self._room = Room(router, service.backend)
        self._parts = {part.fileno(): part for part in parts}
        self._ending = self._draining = False
        self._next_tick = 0.0
        self._polled: Mapping[int, int] | None = None
        self._poll = select.poll()

    # -- the loop

    def serve(self) -> None:
        """Answer requests until one asks for the end, or a signal."""
        while not (self._stop.requested or self.shut_down):
            self._turn()

    def linger(self, seconds: float, is_over: Callable[[], bool]) -> None:
        """Go on for so long at most, until what clients should still hear of is over."""
        self._ending, self._polled = True, None
        end = time.monotonic() + seconds
        while not is_over() and time.monotonic() < end:
            self._turn()

    def drain(self) -> None:
        """Answer what is in flight; refuse what still comes; give up when patience ends."""
        self._ending = self._draining = True
        self._polled = None
        end = time.monotonic() + self._backend.patience
        while self._backend.unfinished and time.monotonic() < end:
            self._turn()
        self._backend.abandon(RefusedError("the server has shut down before this was done"))
        self._answer_outcomes()
        late = time.monotonic() + _FAREWELL_SECONDS
        while self._take_in(time.monotonic()) and time.monotonic() < late:
            pass  # whoever is too late is told so

    def _turn(self) -> None:
        due = min(self._next_tick, self._backend.next_deadline())
        hurry = self._router.unserved or any(part.unserved for part in self._parts.values())
        wait = 0.0 if hurry else due - time.monotonic()
        events = self._watching().poll(max(0.0, 1000 * wait))
        now = time.monotonic()
        ours = self._router.fileno()
        called = self._router.unserved
        for descriptor, event in events:
            if descriptor == ours:
                called = True
            elif descriptor in self._parts:
                self._parts[descriptor].turn(now)
            elif descriptor != self._stop.poll_on:
                self._backend.ready(descriptor, event, now)
        for part in self._parts.values():
            if part.unserved:
                part.turn(now)
        if called:
            self._take_in(now)
        if now >= self._next_tick:
            self._next_tick = now + TICK_SECONDS
            self._router.tick(now)
            self._room.look()
            for part in self._parts.values():
                part.tick(now)
        if now >= due:
            self._backend.tick(now)
        self._answer_outcomes()

    def _watching(self) -> select.poll:
        """The poller for all that may bring something; the same one while that does not change."""
        backend = self._backend.descriptors()
        if backend != self._polled:
            self._polled = backend
            self._poll = select.poll()
            for descriptor in (self._router.fileno(), *self._parts):
                self._poll.register(descriptor, select.POLLIN)
            for descriptor, events in backend.items():
                self._poll.register(descriptor, events)
            if self._stop.poll_on is not None and not self._ending:
                self._poll.register(self._stop.poll_on, select.POLLIN)
        return self._poll

    # -- requests

    def _take_in(self, now: float) -> bool:
        """Take messages in, for a few milliseconds; whether there may be more."""
        for received in self._router.turn(now):
            job = self._job(received, now)
            self._books.asked(job)
            try:
                self._accept(job, now)
            except ScapyServerError as error:
                self._fail(job, error)
        for owner, connection in self._router.departed():
            self._backend.forget(owner, connection)
        self._room.look_once_filled()
        self._answer_outcomes()
        return self._router.unserved

    def _job(self, received: Received, now: float) -> Job:
        message = split(received.frames)
        connection = received.connection
        return Job(
            message, b"", _NO_PEEK, connection.number, connection.address, connection.owner, now
        )

    def _accept(self, job: Job, now: float) -> None:
        if len(job.message.body) != 1:
            count = len(job.message.body)
            raise InvalidRequest(f"a request is one frame, this message has {count}")
        frame = job.message.body[0]
        if isinstance(frame, Cut):
            job.glance = peek_at_ends(frame)
            raise busy("there was no room for this request")
        job.request = self._service.codec.decode(frame)
        job.glance = peek(job.request)
        method = job.glance.method
        if self._draining:
            raise RefusedError("the server is shutting down")
        if self._service.own.knows(method):
            self._answer_own(job)
            return
        reply = self._service.shortcut.answer(job.request, method, self._backend.generation)
        if reply is not None:
            self._reply(job, reply, short=True)
            return
        self._backend.submit(job, now)

    def _answer_own(self, job: Job) -> None:
        limits.OWN_REQUEST_BYTES.check(len(job.request))
        reply = self._service.own.handle(job.request)
        self.shut_down = self.shut_down or reply.shut_down
        self._reply(job, reply)

    # -- replies

    def _answer_outcomes(self) -> None:
        for outcome in self._backend.outcomes():
            if isinstance(outcome, Answered):
                self._answer(outcome)
            else:
                self._fail(outcome.job, outcome.error)

    def _answer(self, outcome: Answered) -> None:
        job, reply = outcome.job, outcome.reply
        if reply.note:
            self._service.shortcut.learn(reply.note, outcome.generation)
        if reply.method is not None and self._service.own.knows(reply.method):
            self._answer_own(job)  # which a glance at the request had missed
            return
        self.shut_down = self.shut_down or reply.shut_down
        self._reply(job, reply)

    def _fail(self, job: Job, error: ScapyServerError) -> None:
        """There will be no other answer than this error."""
        reply_id = job.glance.id if job.glance.method else request_id(job.request)
        named = job.glance.method
        known = self._backend.knows(named) or self._service.own.knows(named)
        data = failure(reply_id, error.code, error.message)
        self._reply(job, Reply(data, named if known else None, error.code))

    def _reply(self, job: Job, reply: Reply, short: bool = False) -> None:
        frame = job.message.body[0] if job.message.body else b""
        data = self._service.codec.encode(reply.pieces, frame)
        lost = None
        try:
            self._router.send(job.connection, job.message.reply(data))
        except Undeliverable as undeliverable:
            # Its traceback would keep this call, and the call it: the request would stay with them.
            lost = undeliverable.with_traceback(None)
        self._books.answered(job, reply, time.monotonic() - job.arrived, lost, short)
