"""Ctrl+C, SIGTERM and SIGHUP: seen at once, obeyed where nothing is cut off.

While a server starts there is nothing to finish, so a signal raises `Stopped` right
there. Once it serves, a signal only sets `requested` and wakes the poller, and the
request at hand is still answered; a second signal raises `Stopped` again.
"""

from __future__ import annotations

import signal
import socket
import threading
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_IGNORED = (signal.SIGUSR1, signal.SIGUSR2)  # which would end us, and mean nothing here

#: By what the process that was started tells a child to stop. Nobody else sends it.
ORDER = signal.SIGRTMIN + 1


class Stopped(BaseException):
    """Unwinds whatever runs; like KeyboardInterrupt no Exception, so that nothing eats it."""


class StopSignals:
    """Catches the signals while it is entered. Outside the main thread it catches nothing."""

    def __init__(self) -> None:
        self.requested = False
        self._serving = False
        self._previous: dict[int, object] = {}
        self._wakeup: tuple[socket.socket, socket.socket] | None = None

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            self._open_wakeup()
            for number in _SIGNALS:
                self._previous[number] = signal.signal(number, self._caught)
            for number in _IGNORED:
                self._previous[number] = signal.signal(number, signal.SIG_IGN)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._previous.clear()
        self._close_wakeup()

    @property
    def poll_on(self) -> int | None:
        """A file descriptor that becomes readable when a signal comes."""
        return None if self._wakeup is None else self._wakeup[0].fileno()

    def serving(self) -> None:
        """From now on a first signal waits for the request at hand."""
        self._serving = True
        if self.requested:  # some code that was loaded has caught what the signal raised
            raise Stopped

    def after_fork(self) -> None:
        """Begin anew in a child of the process that entered it, for which that one speaks.

        Only its `ORDER` is heard from now on: what somebody sends to all processes of a service
        would count twice else, and what is sent to the child alone would end the service.
        """
        self._close_wakeup()
        self.requested, self._serving = False, False
        self._open_wakeup()
        for number in self._previous:
            signal.signal(number, signal.SIG_IGN)
        signal.signal(ORDER, self._caught)

    def _open_wakeup(self) -> None:
        self._wakeup = socket.socketpair()
        for end in self._wakeup:
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)

    def _close_wakeup(self) -> None:
        if self._wakeup is not None:
            signal.set_wakeup_fd(-1)
            for end in self._wakeup:
                end.close()
            self._wakeup = None

    def _caught(self, number: int, frame: FrameType | None) -> None:
        again = self.requested
        self.requested = True
        if again or not self._serving:
            raise Stopped
