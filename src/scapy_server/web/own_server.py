"""A packet server of the editor's own: a process beside it, started again when it ends."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time

from scapy_server.client import Client, ClientError

_PAUSE = 0.5  # seconds between the end of one that has hardly begun and the next start
_BEGUN = 5.0  # seconds after which one has
_START_PATIENCE = 60.0
_LISTENS_EVERY = 0.1
_PATIENCE = 10.0  # seconds for it to end by itself


class OwnServer:
    """`scapy-server serve` on a free port of the loopback address, until `stop`."""

    def __init__(self, workers: int = 2) -> None:
        self.port = _free_port()
        self._command = [
            *(sys.executable, "-m", "scapy_server", "serve"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers)),
        ]
        self._stopping = threading.Event()
        self._process = self._started()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    @property
    def address(self) -> str:
        """Where it listens, as clients take it."""
        return f"127.0.0.1:{self.port}"

    @property
    def process_id(self) -> int:
        """The process that serves now."""
        return self._process.pid

    def wait(self) -> None:
        """Return when it answers; ClientError if it does not within a minute."""
        end = time.monotonic() + _START_PATIENCE
        while True:
            with Client(self.address, timeout=_START_PATIENCE) as client:
                try:
                    client.ping()
                except ClientError as error:
                    if error.code is not None or time.monotonic() >= end:
                        raise
                else:
                    return
            time.sleep(_LISTENS_EVERY)  # nobody listens there yet, which is told at once

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._keeper.join(_PATIENCE)

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            begin = time.monotonic()
            self._process.wait()
            has_begun = time.monotonic() - begin >= _BEGUN
            if not self._stopping.wait(0 if has_begun else _PAUSE):
                self._process = self._started()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
