"""A long mix of everything against a real server, while its processes are killed.

    python bench/soak.py [--minutes 10] [--clients 6] [--attackers 3] [--kill-every 5]

Clients call all methods, send malformed messages and vanish; others attack, each in one of the
ways of `attacks.py` for a while. Workers and fronts are killed with SIGKILL and stopped with
SIGSTOP; zygotes and the supervisor are killed (and the server started again on its port), after
which clients ask again. Each request must be answered exactly once, with what the same request was
answered before anything was killed, or with an error that says what happened. Prints what
happened every ten seconds and in the end; the exit status is 1 on any loss, wrong answer, or
growth that does not end.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from scapy_server import Client, ClientError
from soak_clients import Books, Caller, golden_answers
from soak_harm import Attackers, Server


def memory(pids: list[int]) -> int:
    """Resident bytes of processes."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        except OSError:
            continue
    return total


def main() -> int:
    """Start a server, run the load, end it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--attackers", type=int, default=3)
    parser.add_argument("--kill-every", type=float, default=5.0, metavar="SECONDS")
    options = parser.parse_args()
    server = Server()
    with Client(f"127.0.0.1:{server.port}", timeout=60) as client:
        failed = soak(server, client, options)
        client.shut_down()
    status = server.process.wait(30)
    print(f"exit status of the server {status}")
    return int(failed or status != 0)


def soak(server: Server, client: Client, options: argparse.Namespace) -> bool:
    """Run the load; whether something was wrong."""
    books, stop, hurt = Books(), threading.Event(), Counter[str]()
    golden = golden_answers(client)
    attackers = Attackers(server.port, options.attackers)
    callers = [Caller(server.port, golden, books, stop) for _ in range(options.clients)]
    for caller in callers:
        caller.start()
    start = time.monotonic()
    history: list[int] = []
    next_kill, next_line = start + options.kill_every, start + 10
    while (now := time.monotonic()) < start + 60 * options.minutes and not books.wrong:
        time.sleep(0.1)
        if now >= next_kill:
            next_kill = now + options.kill_every
            hurt[server.hurt(client)] += 1
        attackers.turn(now)
        if now >= next_line:
            next_line = now + 10
            history.append(report(client, books, now - start, attackers.kind))
    attackers.close()
    stop.set()
    for caller in callers:
        caller.join()
    report(client, books, time.monotonic() - start, "")
    print("hurt:", dict(hurt))
    print("replies:", dict(sorted(books.codes.items())))
    print("errors by the faults:", dict(books.messages))
    print("restarts:", client.server_status().restarts.by_reason)
    for line in books.wrong:
        print("WRONG:", line)
    late = history[len(history) // 2 :]
    grows = len(late) > 6 and min(late[-3:]) > 1.5 * max(late[:3])
    if grows:
        print("the front's memory grows:", history)
    return bool(books.wrong) or grows


def report(client: Client, books: Books, seconds: float, attack: str) -> int:
    """Print a line; the memory of the front, 0 if it does not answer."""
    try:
        status = client.server_status()
        front = memory([status.front_pid])
        open_files = len(list(Path(f"/proc/{status.front_pid}/fd").iterdir()))
    except (ClientError, OSError) as error:
        print(f"{seconds:6.0f} s  {error}", flush=True)
        return 0
    workers = memory([worker.pid for worker in status.workers])
    print(
        f"{seconds:6.0f} s  {books.requests:8} answers  {status.restarts.total:4} restarts  "
        f"{status.lost_fronts} fronts lost  "
        f"front {front // 2**20} MiB, {open_files} files  workers {workers // 2**20} MiB  "
        f"queue {status.queue.requests}  wrong {len(books.wrong)}  {attack}",
        flush=True,
    )
    return front


if __name__ == "__main__":
    sys.exit(main())
