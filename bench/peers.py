"""The processes that are measured against each other: an echo, Scapy alone, our server."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import zmq

#: Every contrib module, as the yardstick of the start-up time imports them.
IMPORT_ALL = """
import contextlib, importlib, io, pkgutil, warnings
warnings.simplefilter("ignore")
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    import scapy.all, scapy.contrib
    for module in pkgutil.walk_packages(scapy.contrib.__path__, "scapy.contrib."):
        with contextlib.suppress(Exception):
            importlib.import_module(module.name)
"""

ECHO = """
import sys, msgspec, zmq
socket = zmq.Context().socket(zmq.ROUTER)
port = socket.bind_to_random_port("tcp://127.0.0.1")
print(port, flush=True)
reply = b"x" * int(sys.argv[1])
while True:
    *envelope, request = socket.recv_multipart()
    msgspec.json.decode(request)
    socket.send_multipart([*envelope, reply])
"""

SCAPY_LOOP = """
import sys, time
from scapy.layers.inet import IP, TCP
from scapy.layers.l2 import Ether
count = int(sys.argv[1])
def one(i):
    frame = bytes(
        Ether(dst="00:00:00:01:00:00", src="00:00:00:02:00:00")
        / IP(src=f"10.0.{i >> 8 & 255}.{i & 255}", dst="48.0.0.1", ttl=1 + i % 200, id=i & 0xFFFF)
        / TCP(sport=1024 + i % 60000, dport=80, seq=i)
    )
    Ether(frame)
for i in range(200):
    one(i)
started = time.perf_counter()
for i in range(count):
    one(i)
print(count / (time.perf_counter() - started))
"""


@contextlib.contextmanager
def echo(reply_bytes: int) -> Iterator[int]:
    """A server that parses the request and returns so many bytes; yields its port."""
    command = [sys.executable, "-c", ECHO, str(reply_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


@contextlib.contextmanager
def server(*options: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Our server on a free port; yields the port and the process."""
    command = [sys.executable, "-m", "scapy_server", "serve", "--host", "127.0.0.1", "-s", "0"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield int(process.stdout.readline().rpartition(" ")[2]), process
        finally:
            process.terminate()
            process.wait(10)


def scapy_rate(count: int) -> float:
    """Packets a second that Scapy alone builds and dissects in a loop."""
    output = subprocess.check_output([sys.executable, "-c", SCAPY_LOOP, str(count)], text=True)
    return float(output)


def import_seconds() -> float:
    """How long a process takes that imports all of Scapy and every contrib module."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORT_ALL], check=True)
    return time.perf_counter() - started


def start_seconds() -> float:
    """From the start of our server to its first answer."""
    started = time.perf_counter()
    with server() as (port, _), Caller(port) as caller:
        caller.call(request("get_version"))
        return time.perf_counter() - started


def resident_bytes(process_id: int) -> list[int]:
    """The resident memory of a process and each of its descendants."""
    found = []
    for directory in Path("/proc").iterdir():
        if directory.name.isdigit() and _is_below(int(directory.name), process_id):
            with contextlib.suppress(OSError):
                pages = int((directory / "statm").read_text().split()[1])
                found.append(pages * os.sysconf("SC_PAGE_SIZE"))
    return found


def _is_below(process_id: int, ancestor: int) -> bool:
    while process_id > 1:
        if process_id == ancestor:
            return True
        try:
            stat = Path(f"/proc/{process_id}/stat").read_text()
        except OSError:
            return False
        process_id = int(stat.rpartition(")")[2].split()[1])
    return False


class Caller:
    """A client that sends prepared bytes and waits for each reply."""

    def __init__(self, port: int) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.REQ)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.setsockopt(zmq.RCVTIMEO, 60_000)
        self._socket.connect(f"tcp://127.0.0.1:{port}")

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._context.term()

    def call(self, message: bytes) -> bytes:
        """Send a request, wait for the reply."""
        self._socket.send(message)
        return self._socket.recv()

    def latencies(
        self, messages: Callable[[int], bytes], count: int, warm_up: int = 50
    ) -> list[float]:
        """Seconds from request to reply of `count` requests, one after the other."""
        for number in range(warm_up):
            self.call(messages(number))
        taken = []
        for number in range(warm_up, warm_up + count):
            message = messages(number)
            started = time.perf_counter()
            self.call(message)
            taken.append(time.perf_counter() - started)
        return taken


def request(method: str, *params: object) -> bytes:
    """A request as clients send it."""
    return msgspec.json.encode(
        {"jsonrpc": "2.0", "id": "1", "method": method, "params": list(params)}
    )
