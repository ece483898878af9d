"""The front: one loop between clients and workers. It runs no packet code.

A request becomes a job, is answered here if that is cheap (the front's own methods, the
shortcut), and else goes through the pool. Whatever happens to workers, a job is answered
exactly once, with its own id, by `_reply`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import zmq

from scapy_server.errors import ErrorCode, InvalidRequest, RefusedError, ScapyServerError
from scapy_server.process.stop import StopSignals
from scapy_server.rpc import Method, Reply
from scapy_server.rpc.binding import bind
from scapy_server.rpc.envelope import Refusal, failure, read_request, success
from scapy_server.rpc.peek import Peek, peek, request_id
from scapy_server.server import status
from scapy_server.server.log import log_reply, log_request, logger
from scapy_server.server.settings import Settings
from scapy_server.server.stats import Stats
from scapy_server.services.packets.methods import about
from scapy_server.transport.access import Gate
from scapy_server.transport.framing import split
from scapy_server.transport.job import Job
from scapy_server.transport.outbox import Outbox, Undeliverable
from scapy_server.transport.shortcut import Shortcut
from scapy_server.workers.channel import Answer
from scapy_server.workers.pool import Pool, State, Worker

_TICK = 0.2  # seconds between two looks at deadlines
_IDLE_TICK = 1.0
_FAREWELL = 1.0  # seconds for telling those who come while the server ends
_BATCH = 64  # messages taken in before workers are looked after again
_NO_PEEK = Peek()

# As plain numbers: the flags of pyzmq are enumerations, whose arithmetic takes its time.
_IN = int(zmq.POLLIN)
_OUT = int(zmq.POLLOUT)


class Front:
    """Serves until it is told to stop; then answers what is in flight and returns."""

    def __init__(  # noqa: PLR0913, PLR0917 (what it is made of)
        self,
        settings: Settings,
        socket: zmq.Socket[bytes],
        gate: Gate,
        pool: Pool,
        shortcut: Shortcut,
        stop: StopSignals,
        stats: Stats,
    ) -> None:
        self.shut_down = False
        self._settings = settings
        self._socket = socket
        self._gate = gate
        self._shortcut = shortcut
        self._stop = stop
        self._stats = stats
        self._outbox = Outbox(socket)
        self._draining = False
        self.pool = pool
        pool.listener = self
        self._own: dict[str, tuple[Method, Callable[[], object]]] = {
            "server_status": (about.SERVER_STATUS, self._status),
            "shut_down": (about.SHUT_DOWN, self._shut_down),
        }
        self._next_tick = 0.0
        self._poller = zmq.Poller()
        self._polled: dict[object, int] = {}

    # -- the loop

    def serve(self) -> None:
        """Answer requests until `shut_down` or a signal."""
        while not (self._stop.requested or self.shut_down):
            self._turn()

    def drain(self) -> None:
        """Answer what is in flight; refuse what still comes; give up after a request's time."""
        self._draining = True
        end = time.monotonic() + self._settings.request_timeout
        while self.pool.unfinished and time.monotonic() < end:
            self._turn()
        self.pool.abandon(RefusedError("the server has shut down before this was done"))
        late = time.monotonic() + _FAREWELL
        while self._take_in(time.monotonic()) and time.monotonic() < late:
            pass  # whoever is too late is told so

    def _turn(self) -> None:
        workers = {
            worker.channel.fileno(): worker
            for worker in self.pool.workers
            if worker.state is not State.LOST
        }
        wait = _TICK if self.pool.unfinished or not self.pool.ready else _IDLE_TICK
        events = dict(self._watching(workers).poll(round(1000 * wait)))
        now = time.monotonic()
        if self._gate.zap in events:
            self._gate.decide()
        if self._gate.monitor in events:
            self._gate.watch()
        # The zygote first: when it is gone, that is why workers go, too.
        if self.pool.nursery is not None and self.pool.nursery.fileno() in events:
            self.pool.reported(now)
        for descriptor, worker in workers.items():
            event = events.get(descriptor, 0)
            if event & _OUT and worker.channel.fileno() == descriptor:
                self.pool.written(worker, now)
            if event & ~_OUT and worker.channel.fileno() == descriptor:
                self.pool.readable(worker, now)
        if self._socket in events:
            self._take_in(now)
        self.pool.fill(now)
        if now >= self._next_tick:
            self._next_tick = now + _TICK
            self.pool.tick(now)

    def _watching(self, workers: Mapping[int, Worker]) -> zmq.Poller:
        """The poller for all that may bring something; the same one while that does not change."""
        wanted: dict[object, int] = {self._socket: _IN, self._gate.monitor: _IN}
        if self._gate.zap is not None:
            wanted[self._gate.zap] = _IN
        if self._stop.poll_on is not None and not self._draining:
            wanted[self._stop.poll_on] = _IN
        if self.pool.nursery is not None:
            wanted[self.pool.nursery.fileno()] = _IN
        for descriptor, worker in workers.items():
            wanted[descriptor] = _IN | _OUT if worker.channel.wants_to_write else _IN
        if wanted != self._polled:
            self._polled = wanted
            self._poller = zmq.Poller()
            for place, events in wanted.items():
                self._poller.register(place, events)
        return self._poller

    # -- requests

    def _take_in(self, now: float) -> bool:
        """Take messages in, not too many at once; whether there may be more."""
        for _ in range(_BATCH):
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return False
            message = split([frame.bytes for frame in frames])
            request = message.body[0] if len(message.body) == 1 else b""
            glance = peek(request) if request else _NO_PEEK
            job = Job(message, request, glance, _address(frames[-1]), now)
            log_request(job)
            try:
                self._accept(job, now)
            except ScapyServerError as error:
                self.failed(job, error)
        return True

    def _accept(self, job: Job, now: float) -> None:
        if len(job.message.body) != 1:
            count = len(job.message.body)
            raise InvalidRequest(f"a request is one frame, this message has {count}")
        method = job.glance.method
        if self._draining:
            raise RefusedError("the server is shutting down")
        if method in self._own:
            self._reply(job, self._own_method(job.request, method))
            return
        reply = self._shortcut.answer(job.request, method)
        if reply is not None:
            self._stats.without_hop += 1
            self._reply(job, reply)
            return
        self.pool.submit(job, now)

    # -- the front's own methods

    def _own_method(self, message: bytes, method: str) -> Reply:
        request = read_request(message)
        if isinstance(request, Refusal):
            error = request.error
            return Reply(failure(request.id, error.code, error.message), None, error.code)
        entry, function = self._own[method]
        try:
            bind(entry, request.params, about.VERSION_HANDLER)
            return Reply(success(request.id, function()), method)
        except ScapyServerError as error:
            return Reply(failure(request.id, error.code, error.message), method, error.code)

    def _status(self) -> object:
        return status.report(self.pool, self._stats, self._outbox.unread_bytes, time.monotonic())

    def _shut_down(self) -> object:
        if not self._settings.remote_shutdown:
            raise RefusedError(
                "shut_down is not allowed here: the server was started with --no-remote-shutdown"
            )
        self.shut_down = True
        return "Server is shutting down"

    # -- replies

    def answered(self, job: Job, answer: Answer) -> None:
        """A worker has answered."""
        head = answer.head
        if answer.note:
            self._shortcut.learn(answer.note)
        data, error = answer.reply, None if head.error is None else ErrorCode(head.error)
        if head.shut_down:
            own = self._own_method(job.request, "shut_down")
            data, error = own.data, own.error
        self._reply(job, Reply(data, head.method, error, bug=head.bug))

    def failed(self, job: Job, error: ScapyServerError) -> None:
        """There will be no other answer than this error."""
        reply_id = job.glance.id if job.glance.method else request_id(job.request)
        method = job.glance.method if self.pool.knows(job.glance.method) else None
        self._reply(job, Reply(failure(reply_id, error.code, error.message), method, error.code))

    def _reply(self, job: Job, reply: Reply) -> None:
        seconds = time.monotonic() - job.arrived
        error = None if reply.error is None else int(reply.error)
        self._stats.answered(reply.method, error, time.monotonic(), seconds)
        try:
            self._outbox.send(job.message, reply.data)
            problem = None
        except Undeliverable as undeliverable:
            problem = str(undeliverable)
            self._stats.dropped[undeliverable.kind] += 1
        log_reply(job, reply, seconds, problem)
        if reply.bug:
            logger.error("%s failed\n%s", reply.method, reply.bug)


def _address(frame: zmq.Frame) -> str:
    try:
        return str(frame.get("Peer-Address"))
    except zmq.ZMQError:
        return "unknown"
