"""The zygote as the pool sees it: it is there, it is loading, or it is lost and comes again."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable

from scapy_server.process import kernel
from scapy_server.workers.backoff import Backoff
from scapy_server.workers.channel import MethodFacts, Report, WireError
from scapy_server.workers.zygote_handle import ZygoteHandle

logger = logging.getLogger(__name__)

LOAD_SECONDS = 120.0
FORK_SECONDS = 5.0  # a worker is forked in milliseconds, so a zygote that takes longer is stuck
_NEW = MethodFacts("")

#: A wire to a zygote, to a fresh one if asked for; OSError when we are out of descriptors.
Connect = Callable[[bool], ZygoteHandle]


class Nursery:
    """Orders births and deaths of workers. Times are monotonic seconds."""

    def __init__(self, connect: Connect, backoff: Backoff) -> None:
        self._connect = connect
        self._backoff = backoff
        self._methods: dict[str, MethodFacts] = {}
        self.zygote: ZygoteHandle | None = connect(False)
        #: How many zygotes were lost: each one loads anew, from files that may have changed.
        self.generation = 0

    @property
    def loaded(self) -> bool:
        """Whether workers can be ordered."""
        return self.zygote is not None and self.zygote.loaded

    @property
    def failure(self) -> str | None:
        """Why the service cannot be loaded, None as far as is known."""
        return None if self.zygote is None else self.zygote.failure

    def method(self, name: str) -> MethodFacts:
        """What is known of a method; of one that does not exist as of any other."""
        return self._methods.get(name, _NEW)

    def knows(self, name: str) -> bool:
        """Whether there is a method of this name."""
        return name in self._methods

    def fork(self, serial: int) -> socket.socket:
        """As `ZygoteHandle.fork`; WireError also while there is no zygote."""
        if self.zygote is None:
            raise WireError("there is no zygote")
        return self.zygote.fork(serial)

    def kill(self, pid: int) -> None:
        """As `ZygoteHandle.kill`; without a zygote there are no workers either."""
        if self.zygote is not None:
            self.zygote.kill(pid)

    def reports(self) -> Iterable[Report]:
        """The reports that have come; WireError when the zygote is gone."""
        if self.zygote is None:
            return
        for report in self.zygote.reports():
            if report.methods is not None:
                self._methods = dict(self.zygote.methods)
            yield report

    def problem(self, oldest_order: float | None, now: float) -> str | None:
        """Why the zygote must be replaced, None if it need not be.

        `oldest_order` is when the first worker was ordered that was not forked yet.
        """
        if self.zygote is None:
            return None
        if not self.zygote.loaded:
            overdue = now > self.zygote.started + LOAD_SECONDS
            return "the zygote was not ready in time" if overdue else None
        if oldest_order is None:
            return None
        process = kernel.process_state(self.zygote.pid)
        if process is not None and process.stopped:
            return "the zygote was stopped from outside"
        return "the zygote does not fork" if now > oldest_order + FORK_SECONDS else None

    def lose(self, now: float) -> None:
        """Let go of the zygote; `seek` finds another one."""
        if self.zygote is not None:
            self.zygote.close()
            self.zygote = None
            self.generation += 1
        self._backoff.failed(now)

    def seek(self, now: float) -> None:
        """Ask for a fresh zygote if there is none, unless too many were lost just before."""
        if self.zygote is not None or not self._backoff.may_start(now):
            return
        try:
            self.zygote = self._connect(True)
        except OSError as error:
            logger.error("no zygote could be started: %s", error.strerror)
            self._backoff.failed(now)

    def close(self) -> None:
        """Let go of the zygote."""
        if self.zygote is not None:
            self.zygote.close()
            self.zygote = None
