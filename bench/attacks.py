"""How long a polite client waits while others attack: `python bench/attacks.py [PROGRAM]`.

PROGRAM is another `scapy-server` to be measured the same way. All clients come from one
address. The polite one builds a small packet every 20 ms on a connection of its own.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import zmq
from rich.console import Console
from rich.table import Table

SECONDS = 8.0
CROWDS = (0, 1, 4, 16)
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
    "slow readers": slow_readers,
    "noise": noise,
}


def polite(port: int) -> tuple[list[float], int]:
    """Waits in milliseconds, and how many answers were errors or did not come."""
    waits, errors, end, number = [], 0, time.time() + SECONDS, 0
    with zmq.Context() as context, context.socket(zmq.DEALER) as client:
        client.linger = 0
        client.connect(f"tcp://127.0.0.1:{port}")
        while time.time() < end:
            number += 1
            ip = {"id": "IP", "fields": [{"id": "ttl", "value": number % 200 + 1}]}
            begin = time.monotonic()
            client.send(request("build_pkt", [{"id": "Ether"}, ip, {"id": "TCP"}]))
            if not client.poll(15_000) or b'"error"' in client.recv():
                errors += 1
            waits.append(1000 * (time.monotonic() - begin))
            time.sleep(0.02)
    return waits, errors


def resident(pid: int) -> int:
    """The memory of the largest of a server's processes that runs no packet code, in MiB."""
    largest = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            zygote = (entry / "comm").read_text().strip() == "scapy-zygote"
            if pid in {int(entry.name), parent} and not zygote:
                pages = int((entry / "statm").read_text().split()[1])
                largest = max(largest, pages * 4096 >> 20)
    return largest


def measure(program: str, attack: str, crowd: int) -> tuple[str, ...]:
    """A row of the table, from a server of its own."""
    command = [program, "serve", "--port", "0", "--host", "127.0.0.1", "--workers", "2"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        port = next(int(line.split()[-1]) for line in lines if line.startswith("Listening"))
        before = resident(server.pid)
        end = time.time() + SECONDS + 1
        attackers = [
            multiprocessing.Process(target=ATTACKS[attack], args=(port, number, end), daemon=True)
            for number in range(crowd)
        ]
        for attacker in attackers:
            attacker.start()
        time.sleep(1)
        waits, errors = polite(port)
        after = resident(server.pid)
        for attacker in attackers:
            attacker.kill()
        cuts = statistics.quantiles(waits, n=100) if len(waits) > 1 else waits * 99
        figures = f"{statistics.median(waits):.1f}", f"{cuts[98]:.0f}", f"{max(waits):.0f}"
        return attack, str(crowd), str(len(waits)), *figures, str(errors), f"{before} → {after}"
    finally:
        server.kill()
        server.wait()


def main() -> None:
    """Measure every attack by every crowd, and print the table."""
    own = str(Path(sys.executable).parent / "scapy-server")
    program = sys.argv[1] if len(sys.argv) > 1 else own
    columns = "attack", "attackers", "answers", "p50 ms", "p99 ms", "max ms", "errors", "front MiB"
    table = Table(*columns)
    for attack in ATTACKS:
        for crowd in CROWDS if attack == next(iter(ATTACKS)) else CROWDS[1:]:
            table.add_row(*measure(program, attack, crowd))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
