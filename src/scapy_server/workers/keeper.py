"""Keeps the zygote: starts it, hands fronts to it, and starts it again when it is lost.

The keeper outlives fronts, so that what was loaded does too.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess

from scapy_server.workers import zygote
from scapy_server.workers.channel import Task, encode

_END_SECONDS = 2.0


class Keeper:
    """At most one zygote, with the task that each of them gets."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: subprocess.Popen[bytes] | None = None
        self._fronts: socket.socket | None = None

    def start(self) -> None:
        """Have a zygote load while the front that will use it is being made."""
        if self._process is None:
            self._start()

    def attach(self, control: socket.socket, fresh: bool) -> None:
        """Give the other end of `control` to a front's zygote, and close it here.

        A `fresh` one is started in place of one that does not do its work any more.
        """
        with control:
            if fresh or self._process is None or self._process.poll() is not None:
                self.close(patience=0)
                self._start()
            assert self._fronts is not None
            with contextlib.suppress(OSError):  # its end is seen by the front
                socket.send_fds(self._fronts, [b"front"], [control.fileno()])

    def close(self, patience: float = _END_SECONDS) -> None:
        """End the zygote and all of its workers, and wait until it is gone.

        For as many seconds as `patience` it may end by itself; then it is killed.
        """
        process, self._process = self._process, None
        if self._fronts is not None:
            self._fronts.close()  # it kills its workers and ends
            self._fronts = None
        if process is None:
            return
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()  # and the kernel kills its workers
            process.wait()

    def _start(self) -> None:
        self._fronts, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                zygote.command(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                # NumPy's threads would be in the way of forking, and of no use in a worker.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
        with contextlib.suppress(OSError):  # its end is seen by the front
            self._fronts.send(encode(self._task))
