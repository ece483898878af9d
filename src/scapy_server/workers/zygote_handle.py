"""Where workers come from: the front's side of the zygote."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator

import msgspec

from scapy_server.server.settings import Settings
from scapy_server.workers import zygote
from scapy_server.workers.channel import REPORT_BYTES, Order, Report, Task, WireError, encode

_END_SECONDS = 2.0
_report = msgspec.json.Decoder(Report)


class Nursery:
    """A zygote process, and the socket to it.

    `loaded` tells whether it can fork workers, `failure` why it never will; `methods` are
    those that they will know.
    """

    def __init__(self, settings: Settings, load: str) -> None:
        self.methods: frozenset[str] = frozenset()
        self.loaded = False
        self.failure: str | None = None
        self.started = time.monotonic()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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
        task = Task(
            load,
            list(settings.modules),
            [str(path) for path in settings.definitions],
            settings.worker_memory,
        )
        with contextlib.suppress(OSError):  # its end is seen by `reports`
            self._control.send(encode(task))
        self._control.setblocking(False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def fileno(self) -> int:
        return self._control.fileno()

    def fork(self, serial: int) -> socket.socket:
        """Order a worker; it will be reported with this serial, and be at the socket's end.

        Raises WireError when the zygote does not listen, OSError when we are out of descriptors.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [encode(Order(fork=serial))], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise WireError(f"the zygote does not listen: {error.strerror}") from error
        return ours

    def kill(self, pid: int) -> None:
        """Order the end of a worker; WireError when the zygote does not listen."""
        try:
            self._control.send(encode(Order(kill=pid)))
        except OSError as error:
            raise WireError(f"the zygote does not listen: {error.strerror}") from error

    def reports(self) -> Iterator[Report]:
        """The reports that have come; WireError when the zygote is gone."""
        while True:
            try:
                data = self._control.recv(REPORT_BYTES)
            except BlockingIOError:
                return
            except OSError as error:
                raise WireError(str(error)) from error
            if not data:
                raise WireError("the zygote is gone")
            report = _report.decode(data)
            if report.methods is not None:
                self.methods = frozenset(report.methods)
                self.loaded = True
            elif report.failed is not None and report.forked is None:
                self.failure = report.failed
            yield report

    def close(self, patience: float = _END_SECONDS) -> None:
        """End the zygote and all of its workers, and wait until it is gone.

        For as many seconds as `patience` it may end by itself; then it is killed.
        """
        self._control.close()  # it kills its workers and ends
        try:
            self._process.wait(patience if self.loaded else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and the kernel kills its workers
            self._process.wait()
