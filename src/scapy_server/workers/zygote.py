"""The zygote: a process that has loaded the core and forks the workers.

It is started anew (no fork of the front, whose sockets and threads stay its own), has no
threads and never answers a request, so every worker starts clean, in milliseconds, and
shares the memory of what was loaded. It reaps its workers and reports how they ended.
The kernel kills it with the front, and the workers with it.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pkgutil
import select
import signal
import socket
import sys
from pathlib import Path
from typing import cast

import msgspec

from scapy_server.errors import ScapyServerError
from scapy_server.process import kernel
from scapy_server.rpc import Dispatcher
from scapy_server.workers import worker
from scapy_server.workers.channel import REPORT_BYTES, Order, Report, Task, encode


def main(descriptor: int, front: int) -> None:
    """Serve the front whose process is `front` over the socket `descriptor`."""
    kernel.die_with_parent(front)
    kernel.ignore_stop_signals()
    kernel.set_name("scapy-zygote")
    with socket.socket(fileno=descriptor) as control:
        task = msgspec.json.decode(control.recv(REPORT_BYTES), type=Task)
        gc.disable()  # what is loaded stays; looking for garbage in it takes a third of the time
        try:
            dispatcher = _load(task)
        except Exception as error:
            # An operator's own module or file may fail in any way; its reason is what to read.
            own = isinstance(error, ScapyServerError)
            reason = str(error) if own else f"{type(error).__name__}: {error}"
            control.send(encode(Report(failed=" ".join(reason.split())[:4000])))
            return
        gc.freeze()  # so that workers, who do collect, neither look at it nor copy it
        with contextlib.suppress(OSError):  # the front is gone
            _Zygote(control, dispatcher, task.worker_memory).serve()


def _load(task: Task) -> Dispatcher:
    load = pkgutil.resolve_name(task.load)
    return cast(
        Dispatcher, load(tuple(task.modules), tuple(Path(path) for path in task.definitions))
    )


class _Zygote:
    def __init__(self, control: socket.socket, dispatcher: Dispatcher, memory: int) -> None:
        self._control = control
        self._dispatcher = dispatcher
        self._memory = memory
        self._workers: set[int] = set()
        self._wakeup = socket.socketpair()

    def serve(self) -> None:
        """Follow orders until the front is gone, then kill what was forked."""
        for end in self._wakeup:
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        try:
            self._report(Report(methods=self._dispatcher.names))
            poll = select.poll()  # select() knows no descriptor beyond 1023
            for source in (self._control, self._wakeup[0]):
                poll.register(source, select.POLLIN)
            while True:
                readable = {descriptor for descriptor, _ in poll.poll()}
                if self._wakeup[0].fileno() in readable:
                    self._wakeup[0].recv(4096)
                    self._reap()
                if self._control.fileno() in readable and not self._obey():
                    return
        finally:
            for pid in self._workers:
                os.kill(pid, signal.SIGKILL)
            for pid in self._workers:
                os.waitpid(pid, 0)

    def _obey(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._control, REPORT_BYTES, 1)
        if not data:
            return False
        order = msgspec.json.decode(data, type=Order)
        if order.fork is not None:
            with socket.socket(fileno=descriptors[0]) as peer:
                self._fork(order.fork, peer)
        if order.kill in self._workers:
            os.kill(order.kill, signal.SIGKILL)
        return True

    def _fork(self, serial: int, peer: socket.socket) -> None:
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(Report(forked=serial, failed=error.strerror))
            return
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._control, *self._wakeup):
                end.close()
            worker.run(peer, self._dispatcher, self._memory, zygote)
        self._workers.add(pid)
        self._report(Report(forked=serial, pid=pid))

    def _reap(self) -> None:
        for pid in list(self._workers):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._workers.discard(pid)
                self._report(Report(ended=pid, status=os.waitstatus_to_exitcode(status)))

    def _report(self, report: Report) -> None:
        self._control.send(encode(report))


def command(descriptor: int) -> list[str]:
    """The command line of a zygote for this process, which finds modules where we do."""
    program = (
        "import sys; sys.path[:] = sys.argv[3:]; "
        "from scapy_server.workers.zygote import main; main(int(sys.argv[1]), int(sys.argv[2]))"
    )
    return [sys.executable, "-c", program, str(descriptor), str(os.getpid()), *sys.path]
