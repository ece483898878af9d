"""Runs the control plane behind a front, and hears what data planes have to say."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping, Sequence
from math import inf

from scapy_server import limits
from scapy_server.errors import ErrorCode, ScapyServerError
from scapy_server.rpc import Reply
from scapy_server.server.ports.doorbell import Doorbell
from scapy_server.services.ports.control import Control, Work
from scapy_server.services.ports.methods.about import set_stretch
from scapy_server.services.ports.methods.capturing import restart_captures
from scapy_server.services.ports.methods.configuring import configure
from scapy_server.services.ports.methods.exporting import export_all
from scapy_server.services.ports.methods.receiving import restart_bridges
from scapy_server.services.ports.plane.commands import Arrived, Failed
from scapy_server.services.ports.process.link import ProcessLink
from scapy_server.services.ports.requests import zipped
from scapy_server.transport.backend import Answered, Outcome
from scapy_server.transport.backend import Failed as Refused
from scapy_server.transport.fair_queue import PUSHED_OUT, FairQueue, busy
from scapy_server.transport.job import Job

_SLICE_SECONDS = 0.004  # of work before the loop looks after connections again
_TURN_SECONDS = 0.001  # of work on a batch before others have their turn
_BLANKS = 64  # that may stand in front of a request
#: Of a data plane that dies again and again, another one is started after a while only.
_REVIVE_SECONDS = 1.0
#: How often captures that are written are written on.
_EXPORT_SECONDS = 0.05


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

    def encode(self, reply: tuple[bytes, ...], frame: bytes) -> tuple[bytes, ...]:
        """The message of a reply."""
        return (zipped.zipped(b"".join(reply)),) if zipped.is_zipped(frame) else reply


class ControlBackend:
    """Answers requests in the order in which a fair queue has them.

    Of a batch a millisecond's worth is done at a time; then it waits for its next turn.
    """

    generation = 0
    patience = 5.0

    def __init__(self, control: Control, links: Sequence[ProcessLink]) -> None:
        self._control = control
        self._links = list(links)
        self._outcomes: list[Outcome] = []
        self._queue = FairQueue()
        self._begun: dict[Job, Work] = {}
        self._gone: set[tuple[str, int]] = set()
        self._more = os.eventfd(0, os.EFD_NONBLOCK)
        self._next_export = inf
        self._died: dict[int, float] = {}
        self.doorbell: Doorbell | None = None

    @property
    def unfinished(self) -> int:
        return len(self._queue)

    @property
    def held_bytes(self) -> int:
        return self._queue.bytes

    def give_way(self, excess: int) -> int:
        """As `Backend.give_way`."""
        pushed_out = self._queue.give_way(excess)
        self._refuse(pushed_out)
        return sum(job.size for job in pushed_out)

    def knows(self, method: str) -> bool:
        return method in self._control.methods

    def submit(self, job: Job, now: float) -> None:
        """Queue a request, and answer it at once if it is alone; RefusedError if too much waits."""
        alone = not self._queue
        self._refuse(self._queue.put(job, now))
        if alone:
            self._work(now)
        else:
            self._set_more(True)

    def _refuse(self, pushed_out: Sequence[Job]) -> None:
        for job in pushed_out:
            self._begun.pop(job, None)
            self._outcomes.append(Refused(job, busy(PUSHED_OUT)))

    def _work(self, now: float) -> None:
        end = time.monotonic() + _SLICE_SECONDS
        while time.monotonic() < end:
            job = self._queue.take(now, may=self._may_be_worked_on)
            if job is None:
                break
            self._work_on(job, now)
        self._set_more(bool(self._queue))
        if any(capture.export is not None for capture in self._control.captures):
            self._next_export = min(self._next_export, now + _EXPORT_SECONDS)
        # News that came with the answers to our own questions makes nothing readable any more.
        for index, link in enumerate(self._links):
            if link.has_news:
                self._hear(index, link, now)
        self._ring()

    def _may_be_worked_on(self, job: Job) -> bool:
        """Batches take memory while they are worked on, so that they may not be many."""
        few = len(self._begun) < limits.PORTS_BATCHES
        return few or job in self._begun or job.request[:_BLANKS].lstrip()[:1] == b"{"

    def _work_on(self, job: Job, now: float) -> None:
        start = time.monotonic()
        work = self._begun.pop(job, None) or self._control.begin(job.request)
        while not work.is_done and time.monotonic() < start + _TURN_SECONDS:
            work.step()
        self._queue.charge(job, time.monotonic() - start)
        if work.is_done:
            self._answer(job, work)
        else:
            self._begun[job] = work
            self._queue.put_back(job, now)

    def _answer(self, job: Job, work: Work) -> None:
        answer = work.answer
        names = answer.methods
        reply = Reply(
            answer.data,
            names[0] if len(set(names)) == 1 else "(batch)" if names else None,
            ErrorCode.SERVER_ERROR if answer.failed else None,
            shut_down=answer.shut_down,
            bug="\n".join(answer.bugs) or None,
        )
        self._outcomes.append(Answered(job, reply))

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
            restart_bridges(self._control, link)
            set_stretch(self._control, link)
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
        if now >= self._next_export:
            self._next_export = now + _EXPORT_SECONDS if export_all(self._control) else inf
        self._forget_answered()
        self._ring()

    def next_deadline(self) -> float:
        """When captures are written next."""
        return self._next_export

    def forget(self, owner: str, connection: int) -> None:
        """Whoever has gone is still answered, to nobody: what was asked is carried out."""
        self._gone.add((owner, connection))
        self._forget_answered()

    def _forget_answered(self) -> None:
        for gone in [each for each in self._gone if not self._queue.waits(*each)]:
            self._queue.forget(*gone)
            self._gone.remove(gone)

    def outcomes(self) -> list[Outcome]:
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def abandon(self, error: ScapyServerError) -> None:
        """Finish what was begun."""
        for job in self._queue.drain():
            work = self._begun.pop(job, None) or self._control.begin(job.request)
            while not work.is_done:
                work.step()
            self._answer(job, work)

    def close(self) -> None:
        os.close(self._more)
