"""The front's end of the wire to its zygote."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping

import msgspec

from scapy_server.workers.channel import (
    REPORT_BYTES,
    MethodFacts,
    Order,
    Report,
    WireError,
    encode,
)

_report = msgspec.json.Decoder(Report)

#: Gives a socket to a zygote, to a fresh one if asked for; as `Keeper.attach`.
Attach = Callable[[socket.socket, bool], None]


class ZygoteHandle:
    """A wire to a zygote, which may still be loading.

    `loaded` tells whether it can fork workers, `failure` why it never will; `methods` are
    those that they will know, `pid` is 0 until it is loaded.
    """

    def __init__(self, control: socket.socket) -> None:
        control.setblocking(False)
        self.methods: Mapping[str, MethodFacts] = {}
        self.loaded = False
        self.failure: str | None = None
        self.started = time.monotonic()
        self.pid = 0
        self._control = control

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
                self.methods = {method.name: method for method in report.methods}
                self.pid = report.pid
                self.loaded = True
            elif report.failed is not None and report.forked is None:
                self.failure = report.failed
            yield report

    def close(self) -> None:
        """Let go of the zygote, which ends the workers that it forked over this wire."""
        self._control.close()


def connect(attach: Attach, fresh: bool) -> ZygoteHandle:
    """A wire to the zygote; OSError when we are out of descriptors."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    attach(theirs, fresh)
    return ZygoteHandle(ours)
