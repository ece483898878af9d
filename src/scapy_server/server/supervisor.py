"""The process that was started: it forks the front, keeps the zygote, and does nothing else.

Whatever ends a front, another one is forked at once, from a process that has everything
loaded; the socket that listens stays open, so that clients who connect meanwhile wait, and
the zygote stays, so that workers are there in milliseconds. A front that was stopped answers
nobody, so it is ended. The supervisor has no threads and reads nothing that clients send. Signals
to it are handed on.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from scapy_server.process import kernel
from scapy_server.process.stop import ORDER, Stopped, StopSignals
from scapy_server.server.errors import StartError
from scapy_server.workers.backoff import Backoff
from scapy_server.workers.zygote_handle import Attach

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5  # between two looks whether a front was stopped; at the second it is ended

_WORD_BYTES = 8192
_ATTACH, _ATTACH_FRESH, _STARTED, _FAILED = b"attach", b"attach fresh", b"started", b"failed "

#: Runs a front in this process, from its wire to the zygote, the number of fronts that were
#: lost before it, and what to call once it serves. Raises StartError.
RunFront = Callable[[Attach, int, Callable[[], None]], None]


class Supervisor:
    """Forks fronts until one ends as it should; `announce` is called when the first one serves.

    `attach` gives the other end of a front's wire to what outlives fronts.
    """

    def __init__(
        self, attach: Attach, stop: StopSignals, run: RunFront, announce: Callable[[], None]
    ) -> None:
        self._attach = attach
        self._stop = stop
        self._run = run
        self._announce = announce
        self._backoff = Backoff()
        self._lost = 0
        self._serving = False
        self._told_to_stop = False
        self._front = 0
        self._was_stopped = False
        self._failure: str | None = None

    def run(self) -> None:
        """Return when a front has ended as it was told; StartError when the first one cannot."""
        try:
            while not self._supervise_one():
                self._lost += 1
                self._backoff.failed(time.monotonic())
                while not self._backoff.may_start(time.monotonic()):
                    if self._stop.requested:
                        return
                    time.sleep(0.05)
        finally:
            if self._front:
                os.kill(self._front, signal.SIGKILL)
                os.waitpid(self._front, 0)

    def _supervise_one(self) -> bool:
        """Fork a front and see to it until it ends; whether that was as it should."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        self._front = os.fork()
        if self._front == 0:
            ours.close()
            self._be_front(theirs)
        theirs.close()
        with ours:
            while self._turn(ours):
                pass
        _, status = os.waitpid(self._front, 0)
        self._front = 0
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return True
        if not self._serving:
            raise StartError(self._failure or f"the process that listens has {_ended(code)}")
        logger.error("the process that listens has %s: another one takes its place", _ended(code))
        return self._told_to_stop

    def _turn(self, care: socket.socket) -> bool:
        """Wait for a word of the front or a signal; False when the front is gone."""
        poll = select.poll()
        poll.register(care, select.POLLIN)
        if self._stop.poll_on is not None and not self._told_to_stop:
            poll.register(self._stop.poll_on, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll(1000 * LOOK_SECONDS)}
        if self._stop.requested and not self._told_to_stop:
            self._told_to_stop = True
            os.kill(self._front, ORDER)
        if not ready:
            self._look()
        return care.fileno() not in ready or self._heed(care)

    def _look(self) -> None:
        """End the front if it was stopped, and not only for a moment."""
        state = kernel.process_state(self._front)
        stopped = state is not None and state.stopped
        if stopped and self._was_stopped:
            logger.error("the process that listens was stopped from outside")
            os.kill(self._front, signal.SIGKILL)
        self._was_stopped = stopped

    def _heed(self, care: socket.socket) -> bool:
        try:
            word, descriptors, _, _ = socket.recv_fds(care, _WORD_BYTES, 1)
        except OSError:
            return False
        if not word:
            return False
        if word == _STARTED and not self._serving:
            self._serving = True
            self._stop.serving()
            self._announce()
        elif word.startswith(_FAILED):
            self._failure = word.removeprefix(_FAILED).decode()
        for descriptor in descriptors:
            self._attach(socket.socket(fileno=descriptor), word == _ATTACH_FRESH)
        return True

    # -- in the front

    def _be_front(self, care: socket.socket) -> NoReturn:
        supervisor = os.getppid()
        status = 1
        try:
            self._stop.after_fork()
            os.setsid()  # Ctrl+C is for the supervisor, which hands it on
            kernel.die_with_parent(supervisor)
            kernel.set_name("scapy-front")

            def attach(control: socket.socket, fresh: bool) -> None:
                with control:
                    word = _ATTACH_FRESH if fresh else _ATTACH
                    socket.send_fds(care, [word], [control.fileno()])

            self._run(attach, self._lost, lambda: _tell(care, _STARTED))
            status = 0
        except Stopped:
            status = 0
        except StartError as error:
            _tell(care, _FAILED + str(error).encode()[: _WORD_BYTES // 2])
        except BaseException:
            logger.exception("the process that listens has failed")
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(status)


def _tell(care: socket.socket, word: bytes) -> None:
    with suppress(OSError):  # the supervisor is gone, and so is this process in a moment
        care.send(word)


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with status {code}"
    with suppress(ValueError):
        return f"been ended by {signal.Signals(-code).name}"
    return f"been ended by signal {-code}"
