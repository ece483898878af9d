"""How long a polite client waits under attack: `python bench/attacks.py [PROGRAM [ATTACK…]]`.

PROGRAM is another `scapy-server` to be measured the same way. All clients come from one
address, but for crowds. The polite one builds a small packet every 20 ms on a connection of its
own, from before the attack on; under a storm of connections another one is measured that connects
meanwhile. Attackers run with the lowest priority, as theirs would be other machines: what is
measured is what they do to the server, not how processes share two cores.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import zmq
from rich.console import Console
from rich.table import Table

SECONDS = 8.0
CROWDS = (1, 4, 16)
CONNECTIONS = 500  # of each of a crowd
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
HELLO = GREETING + b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06DEALER"


def request(method: str, *params: object) -> bytes:
    """A request as bytes."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def frame(body: bytes) -> bytes:
    """A message of one frame."""
    return bytes([2]) + len(body).to_bytes(8, "big") + body


def heavy(port: int, number: int, end: float) -> None:
    """The request of the most work per byte, four at a time, each a new one."""
    payload = {"vtype": "BYTES", "generate": "template_code", "template_code": "11"}
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.linger = 0
        client.connect(f"tcp://127.0.0.1:{port}")
        waiting = 0
        while time.time() < end:
            while waiting < 4:
                number += 1000
                tag = {"id": "SCTP", "fields": [{"id": "tag", "value": number}]}
                load = {"id": "load", "value": {**payload, "size": 1_000_000}}
                raw = {"id": "Raw", "fields": [load]}
                client.send(request("build_pkt", [tag, *[{"id": "SCTP"}] * 126, raw]))
                waiting += 1
            if client.poll(200):
                client.recv()
                waiting -= 1


def many_frames(port: int, number: int, end: float) -> None:
    """Messages of 4000 frames."""
    sent = b"\x01\x01x" * 4000 + frame(b"{}")
    while time.time() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
            connection.sendall(HELLO)
            while time.time() < end:
                connection.sendall(sent)


def reconnects(port: int, number: int, end: float) -> None:
    """A connection for each request, and nobody who waits for the reply."""
    while time.time() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
            connection.sendall(HELLO + frame(request("ping")))


def crowds(port: int, number: int, end: float) -> None:
    """Hundreds of connections from an address of its own, that ask again before they are told."""
    asked = frame(request("ping")) * 4
    held: list[socket.socket] = []
    with suppress(OSError):
        for _ in range(CONNECTIONS):
            source = (f"127.0.0.{2 + number}", 0)
            held.append(socket.create_connection(("127.0.0.1", port), 2, source))
            held[-1].sendall(HELLO + asked)
            held[-1].setblocking(False)
    while time.time() < end:
        for each in held:
            with suppress(OSError):
                if each.recv(65536):
                    each.send(asked)
        time.sleep(0.001)


def slow_readers(port: int, number: int, end: float) -> None:
    """Large replies that are asked for and not read."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.sendall(HELLO)
        while time.time() < end:
            connection.sendall(frame(request("get_definitions", [])))
            time.sleep(0.005)


def noise(port: int, number: int, end: float) -> None:
    """Handshakes that stop in the middle, and bytes that are none."""
    chance = random.Random(number)
    beginnings = (b"", GREETING[:11], GREETING, HELLO[:-3], HELLO)
    held: list[socket.socket] = []
    while time.time() < end:
        with suppress(OSError):
            held.append(socket.create_connection(("127.0.0.1", port), 2))
            held[-1].sendall(chance.choice(beginnings) + chance.randbytes(chance.randrange(200)))
        if len(held) > 40:
            held.pop(0).close()


ATTACKS: dict[str, Callable[[int, int, float], None]] = {
    "heavy requests": heavy,
    "many frames": many_frames,
    "reconnects": reconnects,
    "crowds": crowds,
    "slow readers": slow_readers,
    "noise": noise,
}


#: The attacks under which a client that connects meanwhile is measured, too.
ON_CONNECTING = ("reconnects", "noise")


def attacker(attack: str, port: int, number: int, end: float) -> None:
    """The process of one attacker."""
    os.nice(19)
    ATTACKS[attack](port, number, end)


class Polite:
    """A client, its waits in milliseconds, and how many answers were errors or did not come."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], port: int) -> None:
        self.waits: list[float] = []
        self.errors = 0
        self._number = 0
        self._client = context.socket(zmq.DEALER)
        self._client.linger = 0
        self._client.connect(f"tcp://127.0.0.1:{port}")

    def ask(self) -> None:
        """Build one packet."""
        self._number += 1
        ip = {"id": "IP", "fields": [{"id": "ttl", "value": self._number % 200 + 1}]}
        begin = time.monotonic()
        self._client.send(request("build_pkt", [{"id": "Ether"}, ip, {"id": "TCP"}]))
        if not self._client.poll(15_000) or b'"error"' in self._client.recv():
            self.errors += 1
        self.waits.append(1000 * (time.monotonic() - begin))

    def ask_for(self, seconds: float) -> None:
        """Build packets for so long, and forget what was before."""
        self.waits.clear()
        end = time.time() + seconds
        while time.time() < end:
            self.ask()
            time.sleep(0.02)

    def close(self) -> None:
        """Leave."""
        self._client.close()


class Process(NamedTuple):
    """A process of a server."""

    pid: int
    name: str


def family(pid: int) -> Iterator[Process]:
    """A process and its children."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if pid in {int(entry.name), parent}:
                yield Process(int(entry.name), (entry / "comm").read_text().strip())


def resident(pid: int) -> int:
    """The memory of the largest of a server's processes that runs no packet code, in MiB."""
    pages = 0
    for process in family(pid):
        if process.name != "scapy-zygote":
            with suppress(OSError):
                statm = Path(f"/proc/{process.pid}/statm").read_text()
                pages = max(pages, int(statm.split()[1]))
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


@contextmanager
def running(program: list[str]) -> Iterator[tuple[int, int]]:
    """A server with two workers: its process and port."""
    command = [*program, "serve", "--port", "0", "--host", "127.0.0.1", "--workers", "2"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        yield server.pid, next(int(line.split()[-1]) for line in lines if "Listening" in line)
    finally:
        server.kill()
        server.wait()


def measure(program: str, attack: str, crowd: int, late: bool = False) -> tuple[str, ...]:
    """A row of the table, from a server of its own; the polite client may come `late`."""
    context = zmq.Context[zmq.Socket[bytes]]()
    with running([program]) as (server, port), context:
        before = resident(server)
        early = Polite(context, port)
        early.ask()
        end = time.time() + SECONDS + 1
        attackers = [
            multiprocessing.Process(target=attacker, args=(attack, port, number, end), daemon=True)
            for number in range(crowd)
        ]
        for each in attackers:
            each.start()
        time.sleep(1)
        polite = Polite(context, port) if late else early
        polite.ask_for(SECONDS)
        after = resident(server)
        for each in attackers:
            each.kill()
        early.close()
        polite.close()
        waits, many = polite.waits, len(polite.waits) > 1
        slowest = statistics.quantiles(waits, n=100)[98] if many else max(waits)
        figures = f"{statistics.median(waits):.1f}", f"{slowest:.0f}", f"{max(waits):.0f}"
        who = f"{attack}, to who connects" if late else attack
        return who, str(crowd), str(len(waits)), *figures, str(polite.errors), f"{before} → {after}"


def main() -> None:
    """Measure every attack by every crowd, and print the table."""
    own = str(Path(sys.executable).parent / "scapy-server")
    program, *attacks = sys.argv[1:] or [own]
    columns = "attack", "attackers", "answers", "p50 ms", "p99 ms", "max ms", "errors", "front MiB"
    table = Table(*columns)
    table.add_row(*measure(program, next(iter(ATTACKS)), 0))
    for attack in attacks or ATTACKS:
        for late in (False, True) if attack in ON_CONNECTING else (False,):
            for crowd in CROWDS:
                table.add_row(*measure(program, attack, crowd, late))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
