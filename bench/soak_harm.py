"""What is done to the server of the soak: its processes are killed, and it is attacked."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from attacks import ATTACKS
from scapy_server import Client, ClientError

ATTACK_SECONDS = 15.0


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
        if dice < 0.27:
            return self._kill(named(self.process.pid, "scapy-front"), "front")
        if dice < 0.33:
            fronts = named(self.process.pid, "scapy-front")
            return self._kill(fronts, "front, stopped", signal.SIGSTOP)
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
    """Processes that attack, each in another way every so often."""

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
        kinds = random.choices(list(ATTACKS), k=self._count)
        self.kind = ", ".join(sorted(set(kinds)))
        for number, kind in enumerate(kinds):
            arguments = self._port, number, time.time() + ATTACK_SECONDS
            process = multiprocessing.Process(target=ATTACKS[kind], args=arguments, daemon=True)
            process.start()
            self._processes.append(process)

    def close(self) -> None:
        """End those that attack."""
        for process in self._processes:
            process.kill()
            process.join()
        self._processes.clear()
