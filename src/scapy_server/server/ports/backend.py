"""Runs the control plane behind a front, and hears what data planes have to say."""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from scapy_server.errors import ErrorCode, ScapyServerError
from scapy_server.rpc import Reply
from scapy_server.server.ports.doorbell import Doorbell
from scapy_server.services.ports.control import Control, Work
from scapy_server.services.ports.methods.capturing import restart_captures
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.plane.commands import Arrived, Failed
from scapy_server.services.ports.process.link import ProcessLink
from scapy_server.services.ports.requests import zipped
from scapy_server.transport.backend import Answered, Outcome
from scapy_server.transport.job import Job

_SLICE_SECONDS = 0.004
#: Of a data plane that dies again and again, another one is started after a while only.
_REVIVE_SECONDS = 1.0


class RequestTooLarge(ScapyServerError):
    """A request that has more bytes than the service takes."""

    code = ErrorCode.INVALID_PARAMS  # the number of JSON-RPC's "internal error", as TRex's is

    def __init__(self, size: int) -> None:
        super().__init__()
        self.title = (  # type: ignore[misc]
            f"Request is too large ({size} bytes). Consider splitting to smaller chunks."
        )


class ZippedCodec:
    """Takes and gives messages compressed, as each client does."""

    def __init__(self, most: int) -> None:
        self._most = most

    def decode(self, frame: bytes) -> bytes:
        """The text of a request."""
        try:
            return zipped.unzipped(frame, self._most)
        except zipped.TooLarge as error:
            raise RequestTooLarge(error.size) from None

    def encode(self, reply: bytes, frame: bytes) -> bytes:
        """The message of a reply."""
        return zipped.zipped(reply) if zipped.is_zipped(frame) else reply


@dataclass
class _Pending:
    job: Job
    work: Work


class ControlBackend:
    """Answers requests one by one; of batches a few milliseconds at a time, in turn."""

    patience = 5.0

    def __init__(
        self, control: Control, links: Sequence[ProcessLink], remote_shutdown: bool
    ) -> None:
        self._control = control
        self._links = list(links)
        self._remote_shutdown = remote_shutdown
        self._outcomes: list[Outcome] = []
        self._pending: deque[_Pending] = deque()
        self._more = os.eventfd(0, os.EFD_NONBLOCK)
        self._died: dict[int, float] = {}
        self.doorbell: Doorbell | None = None

    @property
    def unfinished(self) -> int:
        return len(self._pending)

    def knows(self, method: str) -> bool:
        return method in self._control.methods

    def submit(self, job: Job, now: float) -> None:
        """Begin to answer a request."""
        self._pending.append(_Pending(job, self._control.begin(job.request)))
        self._work(now)

    def _work(self, now: float) -> None:
        end = time.monotonic() + _SLICE_SECONDS
        while self._pending and time.monotonic() < end:
            pending = self._pending.popleft()
            while not pending.work.is_done and time.monotonic() < end:
                pending.work.step()
            if pending.work.is_done:
                self._answer(pending)
            else:
                self._pending.append(pending)
        self._set_more(bool(self._pending))
        # News that came with the answers to our own questions makes nothing readable any more.
        for index, link in enumerate(self._links):
            if link.has_news:
                self._hear(index, link, now)
        self._ring()

    def _answer(self, pending: _Pending) -> None:
        answer = pending.work.answer
        names = answer.methods
        reply = Reply(
            answer.data,
            names[0] if len(set(names)) == 1 else "(batch)" if names else None,
            ErrorCode.SERVER_ERROR if answer.failed else None,
            shut_down=answer.shut_down and self._remote_shutdown,
            bug="\n".join(answer.bugs) or None,
        )
        self._outcomes.append(Answered(pending.job, reply))

    def _set_more(self, more: bool) -> None:
        """Have the front come back at once if there is more to do."""
        try:
            if more:
                os.eventfd_write(self._more, 1)
            else:
                os.eventfd_read(self._more)
        except BlockingIOError:
            pass

    def _ring(self) -> None:
        if self.doorbell is not None:
            self.doorbell.ring()

    def descriptors(self) -> Mapping[int, int]:
        living = {link.fileno(): select.POLLIN for link in self._links if not link.is_dead}
        return {self._more: select.POLLIN, **living}

    def ready(self, descriptor: int, events: int, now: float) -> None:
        """There is news of a data plane, or more of a batch to do."""
        if descriptor == self._more:
            self._work(now)
            return
        for index, link in enumerate(self._links):
            if not link.is_dead and link.fileno() == descriptor:
                self._hear(index, link, now)

    def _hear(self, index: int, link: ProcessLink, now: float) -> None:
        was_lost = link.lost
        for event in link.news():
            if isinstance(event, Arrived):
                self._control.bridges.hand(event.port, event.frame)
            else:
                self._control.happened(event)
        if link.is_dead:
            self._bury(index, link, now)
        elif was_lost and not link.lost:
            for number in link.numbers:
                configure(self._control, self._control.ports[number])
            restart_captures(self._control, link)
        self._ring()

    def _bury(self, index: int, link: ProcessLink, now: float) -> None:
        if index not in self._died:
            self._died[index] = now
            for number in link.numbers:
                self._control.happened(Failed(number, "the data plane has ended"))

    def tick(self, now: float) -> None:
        """Start data planes again that have died."""
        for index, link in enumerate(self._links):
            if link.is_dead:
                self._bury(index, link, now)
                link.revive()
                self._died.pop(index, None)
            stretch = self._control.configuration["sched_max_stretch"]
            link.stretch = float(stretch)
        self._ring()

    def next_deadline(self) -> float:
        """Nothing is waited for."""
        return inf

    def forget(self, owner: str, connection: int | None = None) -> None:
        """Whoever has gone is still answered, to nobody: what was begun is carried out."""

    def outcomes(self) -> list[Outcome]:
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def abandon(self, error: ScapyServerError) -> None:
        """Finish what was begun."""
        for pending in self._pending:
            while not pending.work.is_done:
                pending.work.step()
            self._answer(pending)
        self._pending.clear()

    def close(self) -> None:
        os.close(self._more)
