"""How long one turn of the front takes at most: `python bench/stalls.py`.

A front runs here over a service that does nothing, and clients are sockets that send what is
meant to hold it up. Processor time of each turn is measured, as nothing in a turn waits, so
that the figures mean the same on a machine that is busy. No turn should take more than 20 ms.
"""

from __future__ import annotations

import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import zmq
from rich.console import Console
from rich.table import Table
from zmq.utils import z85

from attacks import HELLO, frame, request
from scapy_server.process import kernel
from scapy_server.process.stop import StopSignals
from scapy_server.rpc import Dispatcher, Method, Reply
from scapy_server.server.books import Books
from scapy_server.server.stats import Stats
from scapy_server.transport.access import Rules
from scapy_server.transport.backend import Answered
from scapy_server.transport.front import Front, Service
from scapy_server.transport.in_process import InProcess
from scapy_server.transport.job import Job
from scapy_server.transport.listening import listen
from scapy_server.transport.router import Router
from scapy_server.transport.zmtp.curve import CurveKeys

MIB = 1 << 20
SECONDS = 3.0


class Timed(Front):
    """Knows how much processor time its turns took."""

    longest = 0.0
    turns = 0

    def _turn(self) -> None:
        begin = time.thread_time()
        super()._turn()
        self.longest = max(self.longest, time.thread_time() - begin)
        self.turns += 1

    def serve_for(self, seconds: float, meanwhile: Callable[[], object]) -> None:
        """Take turns, and let the clients do something between them."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            meanwhile()
            self._turn()


class Sender:
    """A client that sends bytes as far as they are taken, over and over, and reads nothing."""

    def __init__(self, port: int, data: bytes, again: bool = True) -> None:
        self._port = port
        self._data = memoryview(HELLO + data)
        self._again = len(HELLO) if again else len(self._data)
        self._connect()

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port))
        self._socket.setblocking(False)
        self._sent = 0

    def send(self) -> None:
        """Send a little more."""
        if self._sent >= len(self._data):
            self._sent = self._again
            if self._again == len(self._data):
                return
        try:
            self._sent += self._socket.send(self._data[self._sent : self._sent + 4 * MIB])
        except BlockingIOError:
            pass
        except OSError:
            self._socket.close()
            self._connect()


class Sink(InProcess):
    """Answers everything with the same, without a look at it."""

    def submit(self, job: Job, now: float) -> None:
        reply = Reply(b"x" * MIB if job.glance.method == "big" else b"{}")
        self._outcomes.append(Answered(job, reply))


PUBLIC, SECRET = zmq.curve_keypair()
KNOWN, KNOWN_SECRET = zmq.curve_keypair()


@contextmanager
def front(keys: CurveKeys | None = None) -> Iterator[tuple[Timed, int]]:
    """A front on a free port."""
    status = Method("server_status", lambda core: {}, "", "", ignores_params=True)
    end = Method("shut_down", lambda core: "", "", "", ignores_params=True)
    with ExitStack() as stack:
        listener = stack.enter_context(listen("127.0.0.1", 0))
        router = Router(listener, Books(Stats(lambda: 0)), Rules(), 4096, keys=keys)
        stack.callback(router.close)
        stop = stack.enter_context(StopSignals())
        service = Service(Sink(Dispatcher((), None)), Dispatcher((status, end), None))
        yield Timed(router, service, stop, Books(Stats(lambda: 0))), listener.getsockname()[1]


def members(count: int, method: bytes = b'"method":"server_status",') -> bytes:
    """A request with so many members in its parameters."""
    inner = b",".join(b'"%d":1' % number for number in range(count))
    return b'{"jsonrpc":"2.0","id":1,' + method + b'"params":{' + inner + b"}}"


def text(size: int, letter: str, method: str = "server_status") -> bytes:
    """A request with a long text."""
    call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [letter * size]}
    return json.dumps(call, ensure_ascii=False).encode()


CASES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "3,000,000 frames of a byte": (1, lambda: b"\x01\x01x" * 3_000_000 + frame(b"{}")),
    "messages of 4000 frames, 4 clients": (4, lambda: b"\x01\x01x" * 4000 + frame(b"{}")),
    "server_status, 400,000 members": (4, lambda: frame(members(400_000))),
    "server_status, 60 MB": (2, lambda: frame(text(60 * 10**6, "x"))),
    "server_status, 60 MB, not ASCII": (2, lambda: frame(text(30 * 10**6, "é"))),
    "shut_down, 1.8 MB": (4, lambda: frame(text(1_800_000, "x", "shut_down"))),
    "no method, 400,000 members": (4, lambda: frame(members(400_000, b""))),
    "no JSON, 60 MB": (2, lambda: frame(b"[" * 60_000_000)),
    "envelopes of 60 MB": (
        4,
        lambda: b"\x03" + (60 * 10**6).to_bytes(8, "big") + bytes(60 * 10**6),
    ),
    "envelopes of 4 kB": (
        4,
        lambda: b"\x03" + (4000).to_bytes(8, "big") + bytes(4000) + frame(request("echo", "x")),
    ),
    "small server_status, 16 clients": (16, lambda: frame(request("server_status")) * 1000),
    "replies of 1 MiB that 400 do not read": (400, lambda: frame(request("big")) * 60),
    "PING": (4, lambda: b"\x04\x07\x04PING\0\0" * 10_000),
}


def seal(port: int, end: float) -> None:
    """A client with a key that sends 60 MB over and over, and reads the replies."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.linger, client.sndhwm = 0, 2
        client.curve_serverkey = PUBLIC
        client.curve_publickey, client.curve_secretkey = KNOWN, KNOWN_SECRET
        client.connect(f"tcp://127.0.0.1:{port}")
        sent = text(60 * 10**6, "x", "big")
        while time.monotonic() < end:
            with suppress(zmq.Again):
                client.send(sent, zmq.NOBLOCK, copy=False)
            if client.poll(10):
                client.recv()


def sealed() -> tuple[str, str, str]:
    """The row of clients with keys."""
    keys = CurveKeys(z85.decode(PUBLIC), z85.decode(SECRET), [z85.decode(KNOWN)])
    with front(keys) as (timed, port):
        end = time.monotonic() + 2 * SECONDS
        clients = [multiprocessing.Process(target=seal, args=(port, end)) for _ in range(2)]
        for client in clients:
            client.start()
        timed.serve_for(2 * SECONDS, lambda: None)
        for client in clients:
            client.kill()
        return "big, 60 MB, sealed", str(timed.turns), f"{1000 * timed.longest:.1f}"


def main() -> None:
    """Measure each case with a front of its own, and print the table."""
    kernel.map_large_blocks()
    table = Table("clients send", "turns", "longest turn, ms")
    table.add_row(*sealed())
    for name, (clients, data) in CASES.items():
        sent = data()
        with front() as (timed, port):
            senders = [Sender(port, sent) for _ in range(clients)]
            timed.serve_for(0.5, lambda: None)
            timed.longest = 0.0

            def meanwhile(senders: list[Sender] = senders) -> None:
                for sender in senders[:16]:
                    sender.send()
                senders.append(senders.pop(0))

            with suppress(OSError):
                timed.serve_for(SECONDS, meanwhile)
            table.add_row(name, str(timed.turns), f"{1000 * timed.longest:.1f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
