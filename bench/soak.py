"""A long mix of everything against a real server, while its processes are killed.

    python bench/soak.py [--minutes 10] [--clients 6] [--attackers 3] [--kill-every 5]

Clients call all methods, send malformed messages and vanish; others attack, each of the ways of
`attacks.py` for a while. Workers are killed with SIGKILL and stopped with SIGSTOP; fronts,
zygotes and the supervisor are killed (and the server started again on its port), after which
clients ask again. Each request must be answered exactly once, with what the same request was
answered before anything was killed, or with an error that says what happened. Prints what
happened every ten seconds and in the end; the exit status is 1 on any loss, wrong answer, or
growth that does not end.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zmq

from attacks import ATTACKS
from scapy_server import Client, ClientError

CAPTURES = Path(__file__).parents[1] / "tests" / "sample_captures"
PATIENCE_MILLISECONDS = 60_000
ATTACK_SECONDS = 15.0
SERVER_ERROR = -32098

MODELS: list[list[dict[str, Any]]] = [
    [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}],
    [{"id": "Ether"}, {"id": "IPv6"}, {"id": "UDP"}, {"id": "DNS"}],
    [{"id": "Ether"}, {"id": "Dot1Q"}, {"id": "IP"}, {"id": "ICMP"}, {"id": "Raw"}],
    [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": "900"}]}],
    [{"id": "Ether"}, {"id": "Nope"}],
]
PROGRAM = {
    "instructions": [
        {
            "id": "STLVmFlowVar",
            "parameters": {"name": "a", "size": "1", "min_value": "1", "max_value": "9"},
        },
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "a", "pkt_offset": "IP.ttl"}},
    ],
    "global_parameters": {"cache_size": "10"},
}
MALFORMED = (b"", b"\xff\xfe", b"{", b"[]", b"{}", b'{"jsonrpc":"2.0"}', b"[" * 5000, b'"text"')


def calls(client: Client) -> list[tuple[str, list[Any]]]:
    """All methods but those of the front, with parameters good and bad."""
    databases = client.call("get_all")
    frame = client.call("build_pkt", MODELS[0])["binary"]
    captures = [path.read_bytes() for path in sorted(CAPTURES.glob("*cap"))]
    texts = [base64.b64encode(capture).decode() for capture in captures]
    return [
        ("ping", []),
        ("get_version", []),
        ("get_version_handler", ["1", "02"]),
        ("supported_methods", ["all"]),
        ("get_all", []),
        ("check_update", [databases["db_md5"], databases["fields_md5"]]),
        ("check_update", ["x", "y"]),
        ("get_tree", []),
        ("get_definitions", [["Ether", "IP", "TCP"]]),
        ("get_definitions", [None]),
        ("get_payload_classes", [MODELS[0]]),
        ("get_templates", []),
        ("get_template", [{"id": "TCP-SYN"}]),
        ("get_template", [{"id": "nope"}]),
        ("write_pcap", [[frame, frame]]),
        ("check_update_of_dbs", [databases["db_md5"], databases["fields_md5"]]),
        ("build_pkts", [MODELS[:3]]),
        ("build_pkts", [MODELS]),
        ("explain_program", [MODELS[0], {"field_engine": PROGRAM}]),
        ("build_pkt_ex", [MODELS[0], {"field_engine": PROGRAM}]),
        ("decompile_vm_raw", [frame, {"instructions": [], "cache": 0}]),
        ("load_instruction_parameter_values", [MODELS[0], {}, "pkt_offset"]),
        ("render_packets", [MODELS[0], {"field_engine": PROGRAM}, {"count": 50}]),
        ("read_expression", ["Ether()/IP(dst='10.0.0.1')/UDP()"]),
        ("read_expression", ["Ether()/open('x')"]),
        ("write_expression", [frame, "Ether"]),
        ("get_all_pkt_offsets", ["Ether()/IP()"]),
        ("nope", []),
        *(("build_pkt", [model]) for model in MODELS),
        *(("build_pkt_ex", [model, {}]) for model in MODELS),
        *(("reconstruct_pkt", [frame, [{"id": "Ether"}, *more]]) for more in ([], [{"id": "X"}])),
        *(("read_pcap", [text]) for text in texts),
    ]


@dataclass
class Books:
    """What the clients saw; shared by their threads."""

    requests: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, code: str, message: str = "") -> None:
        with self.lock:
            self.requests += 1
            self.codes[code] += 1
            if message:
                self.messages[message[:100]] += 1

    def complain(self, text: str) -> None:
        with self.lock:
            self.wrong.append(text[:300])


class Caller(threading.Thread):
    """A client that keeps a few requests under way and checks each answer."""

    def __init__(
        self, port: int, golden: list[tuple[bytes, Any]], books: Books, stop: threading.Event
    ) -> None:
        super().__init__()
        self._port = port
        self._golden = golden
        self._books = books
        self._stopped = stop
        self._random = random.Random(id(self))
        self._again: dict[int, tuple[bytes, Any]] = {}  # asked when the connection was lost

    def run(self) -> None:
        context = zmq.Context.instance()
        while not self._stopped.is_set():
            with context.socket(zmq.DEALER) as socket:
                socket.setsockopt(zmq.LINGER, 0)
                self._lost = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
                socket.connect(f"tcp://127.0.0.1:{self._port}")
                for _ in range(self._random.randint(1, 60)):
                    if self._stopped.is_set() or not self._round(socket):
                        break
                socket.disable_monitor()
                self._lost.close(linger=0)
                if self._again:
                    continue
                if self._random.random() < 0.3:  # vanish, with requests under way
                    socket.send(self._golden[0][0] % 0)

    def _round(self, socket: zmq.Socket[bytes]) -> bool:
        waiting, self._again = self._again, {}
        for number in range(1, 0 if waiting else self._random.randint(1, 4)):
            waiting[number] = self._random.choice(self._golden)
        for number, (template, _) in waiting.items():
            socket.send(template % number)
        malformed = 0
        if self._random.random() < 0.2:
            malformed = 1
            socket.send(self._random.choice(MALFORMED))
        while waiting or malformed:
            if not self._wait(socket):
                if self._lost.poll(0):
                    self._books.count("lost with a front")
                    self._again = waiting
                    return False
                self._books.complain(f"never answered: {[w[0][:100] for w in waiting.values()]}")
                return False
            reply = json.loads(socket.recv())
            if reply["id"] is None and malformed:
                malformed = 0
                self._books.count(str(reply["error"]["code"]))
            elif reply["id"] not in waiting:
                self._books.complain(f"answered twice, or swapped: {str(reply)[:200]}")
                return False
            else:
                self._judge(reply, *waiting.pop(reply["id"]))
        return True

    def _wait(self, socket: zmq.Socket[bytes]) -> bool:
        """Whether a reply has come, before the connection was lost or patience ended."""
        poller = zmq.Poller()
        for each in (socket, self._lost):
            poller.register(each, zmq.POLLIN)
        return socket in dict(poller.poll(PATIENCE_MILLISECONDS))

    def _judge(self, reply: dict[str, Any], template: bytes, expected: Any) -> None:
        outcome = reply.get("result", reply.get("error"))
        code = str(reply["error"]["code"]) if "error" in reply else "ok"
        if outcome == expected:
            self._books.count(code)
        elif code == str(SERVER_ERROR) and any(
            text in outcome["message"] for text in ("worker processes", "busy", "longer than")
        ):
            self._books.count("by the faults", outcome["message"])
        else:
            self._books.complain(f"{template[:100]!r}: {str(reply)[:150]}")


def golden_answers(client: Client) -> list[tuple[bytes, Any]]:
    """Each call as a request with a place for its id, and the answer to it."""
    golden = []
    for method, params in calls(client):
        request = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        template = json.dumps(request).replace("%", "%%").replace('"id": 0', '"id": %d', 1)
        try:
            expected = client.call(method, *params)
        except ClientError as error:
            expected = {"code": error.code, "message": error.message}
        golden.append((template.encode(), expected))
    return golden


def memory(pids: list[int]) -> int:
    """Resident bytes of processes."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        except OSError:
            continue
    return total


def named(parent: int, name: str) -> list[int]:
    """The children of a process that have this name."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            own = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if own == parent and (entry / "comm").read_text().strip() == name:
                found.append(int(entry.name))
    return found


class Server:
    """The server, started again on the same port when its supervisor was killed."""

    def __init__(self) -> None:
        self.port = 0
        self.killed = 0
        self._start()

    def _start(self) -> None:
        command = [sys.executable, "-m", "scapy_server", "serve", "--host", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.process.stdout.readline()
        self.port = int(self.process.stdout.readline().rpartition(" ")[2])

    def hurt(self, client: Client) -> str:
        """Kill one of the processes, or stop a worker; which it was."""
        dice = random.random()
        if dice < 0.03:
            self.process.kill()
            self.process.wait()
            self.killed += 1
            self._start()
            return "supervisor"
        if dice < 0.1:
            return self._kill(named(self.process.pid, "scapy-zygote"), "zygote")
        if dice < 0.3:
            return self._kill(named(self.process.pid, "scapy-front"), "front")
        try:
            workers = [worker.pid for worker in client.server_status().workers if worker.pid]
        except ClientError:
            return "nothing, as the server did not answer"
        if random.random() < 0.8:
            return self._kill(workers, "worker")
        return self._kill(workers, "worker, stopped", signal.SIGSTOP)

    @staticmethod
    def _kill(pids: list[int], what: str, how: signal.Signals = signal.SIGKILL) -> str:
        if not pids:
            return "nothing, as there was none"
        with contextlib.suppress(ProcessLookupError):
            os.kill(random.choice(pids), how)
        return what


class Attackers:
    """Processes that attack, another way every so often."""

    def __init__(self, port: int, count: int) -> None:
        self._port = port
        self._count = count
        self._processes: list[multiprocessing.Process] = []
        self._until = 0.0
        self.kind = ""

    def turn(self, now: float) -> None:
        """Begin another attack when the last one is over."""
        if now < self._until or not self._count:
            return
        self.close()
        self._until = now + ATTACK_SECONDS
        self.kind = random.choice(list(ATTACKS))
        for number in range(self._count):
            arguments = self._port, number, time.time() + ATTACK_SECONDS
            process = multiprocessing.Process(
                target=ATTACKS[self.kind], args=arguments, daemon=True
            )
            process.start()
            self._processes.append(process)

    def close(self) -> None:
        """End those that attack."""
        for process in self._processes:
            process.kill()
            process.join()
        self._processes.clear()


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
