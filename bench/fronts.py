"""How soon another front answers when one is lost: `python bench/fronts.py [TIMES]`.

Kills the front of a server with SIGKILL, TIMES times, and measures from then on how long it takes
until somebody new has connected and is answered, and until a client of ours that was connected
before is, which finds out and asks again by itself.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import sys
import time
from contextlib import suppress

from rich.console import Console
from rich.table import Table

from attacks import HELLO, family, frame, request, running
from scapy_server import Client

PAUSE = 1.5  # seconds; a server whose fronts are lost faster waits before it starts the next
PATIENCE = 10.0


def front_of(pid: int) -> int:
    """The process of a server that listens."""
    return next(process.pid for process in family(pid) if process.name == "scapy-front")


def answered_anew(port: int) -> None:
    """Return when somebody who connects now has been answered."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), PATIENCE) as new:
            new.sendall(HELLO + frame(request("ping")))
            received = b""
            while more := new.recv(4096):
                received += more
                if b"result" in received:
                    return
    raise SystemExit("no other front has answered")


def main() -> None:
    """Measure, and print the table."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    new, ours = [], []
    program = f"{sys.executable} -m scapy_server".split()
    with running(program) as (server, port), Client(f"127.0.0.1:{port}", timeout=PATIENCE) as old:
        for _ in range(times):
            old.call("ping")
            front = front_of(server)
            begin = time.monotonic()
            os.kill(front, signal.SIGKILL)
            answered_anew(port)
            new.append(1000 * (time.monotonic() - begin))
            old.call("ping")
            ours.append(1000 * (time.monotonic() - begin))
            time.sleep(PAUSE)
    table = Table("until there is an answer for", "fronts", "median ms", "max ms")
    for who, waits in (("who connects", new), ("our client, which was connected", ours)):
        table.add_row(who, str(times), f"{statistics.median(waits):.0f}", f"{max(waits):.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
