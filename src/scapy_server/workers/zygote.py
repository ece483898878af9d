"""The zygote: a process that has loaded a service and forks the workers.

It is started anew (no fork of its keeper, whose sockets stay its own), has no threads and
never answers a request, so every worker starts clean, in milliseconds, and shares the
memory of what was loaded. It serves one front at a time: when the keeper hands it another
one, or the front is gone, the workers of before are killed. It reaps its workers and reports
how they ended. The kernel kills it with its keeper, and the workers with it.
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
from scapy_server.workers.channel import (
    REPORT_BYTES,
    MethodFacts,
    Order,
    Report,
    Task,
    encode,
)


def main(descriptor: int, keeper: int) -> None:
    """Serve the keeper whose process is `keeper` over the socket `descriptor`."""
    kernel.die_with_parent(keeper)
    kernel.ignore_stop_signals()
    kernel.set_name("scapy-zygote")
    with socket.socket(fileno=descriptor) as fronts:
        task = msgspec.json.decode(fronts.recv(REPORT_BYTES), type=Task)
        gc.disable()  # what is loaded stays; looking for garbage in it takes a third of the time
        try:
            dispatcher: Dispatcher | str = _load(task)
        except Exception as error:
            # An operator's own module or file may fail in any way; its reason is what to read.
            own = isinstance(error, ScapyServerError)
            reason = str(error) if own else f"{type(error).__name__}: {error}"
            dispatcher = " ".join(reason.split())[:4000]
        gc.freeze()  # so that workers, who do collect, neither look at it nor copy it
        with contextlib.suppress(OSError):  # the keeper is gone
            _Zygote(fronts, dispatcher, task.worker_memory).serve()


def _load(task: Task) -> Dispatcher:
    load = pkgutil.resolve_name(task.load)
    definitions, templates = (tuple(map(Path, each)) for each in (task.definitions, task.templates))
    return cast(Dispatcher, load(tuple(task.modules), definitions, templates))


class _Zygote:
    """`dispatcher` is what was loaded, or why nothing was."""

    def __init__(self, fronts: socket.socket, dispatcher: Dispatcher | str, memory: int) -> None:
        self._fronts = fronts
        self._control: socket.socket | None = None
        self._dispatcher = dispatcher
        self._memory = memory
        self._workers: set[int] = set()
        self._wakeup = socket.socketpair()

    def serve(self) -> None:
        """Follow orders until the keeper is gone, then kill what was forked."""
        for end in self._wakeup:
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup[1].fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        try:
            while self._turn():
                pass
        finally:
            self._kill_all()

    def _turn(self) -> bool:
        """Wait for something, and see to it; False when the keeper is gone."""
        poll = select.poll()  # select() knows no descriptor beyond 1023
        sources = [self._fronts, self._wakeup[0]]
        if self._control is not None:
            sources.append(self._control)
        for source in sources:
            poll.register(source, select.POLLIN)
        readable = {descriptor for descriptor, _ in poll.poll()}
        if self._wakeup[0].fileno() in readable:
            self._wakeup[0].recv(4096)
            self._reap()
        if self._control is not None and self._control.fileno() in readable:
            self._obey(self._control)
        return self._fronts.fileno() not in readable or self._take_front()

    def _take_front(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self._fronts, 16, 1)
        if not data:
            return False
        self._lose_front()
        self._control = socket.socket(fileno=descriptors[0])
        if isinstance(self._dispatcher, str):
            self._report(Report(failed=self._dispatcher))
            return True
        facts = [
            MethodFacts(method.name, method.quick, method.repeatable)
            for method in self._dispatcher.methods
        ]
        self._report(Report(methods=facts, pid=os.getpid()))
        return True

    def _lose_front(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        self._kill_all()

    def _kill_all(self) -> None:
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)
        self._workers.clear()

    def _obey(self, control: socket.socket) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(control, REPORT_BYTES, 1)
        except OSError:
            data, descriptors = b"", []
        if not data:
            self._lose_front()
            return
        order = msgspec.json.decode(data, type=Order)
        if order.fork is not None and isinstance(self._dispatcher, Dispatcher):
            with socket.socket(fileno=descriptors[0]) as peer:
                self._fork(order.fork, peer, self._dispatcher)
        if order.kill in self._workers:
            os.kill(order.kill, signal.SIGKILL)

    def _fork(self, serial: int, peer: socket.socket, dispatcher: Dispatcher) -> None:
        zygote = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(Report(forked=serial, failed=error.strerror))
            return
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self._control, self._fronts, *self._wakeup):
                if end is not None:
                    end.close()
            worker.run(peer, dispatcher, self._memory, zygote)
        self._workers.add(pid)
        self._report(Report(forked=serial, pid=pid))

    def _reap(self) -> None:
        for pid in list(self._workers):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                self._workers.discard(pid)
                self._report(Report(ended=pid, status=os.waitstatus_to_exitcode(status)))

    def _report(self, report: Report) -> None:
        if self._control is not None:
            with contextlib.suppress(OSError):  # the front is gone, which the next turn sees
                self._control.send(encode(report))


def command(descriptor: int) -> list[str]:
    """The command line of a zygote for this process, which finds modules where we do."""
    program = (
        "import sys; sys.path[:] = sys.argv[3:]; "
        "from scapy_server.workers.zygote import main; main(int(sys.argv[1]), int(sys.argv[2]))"
    )
    return [sys.executable, "-c", program, str(descriptor), str(os.getpid()), *sys.path]
