"""A server that ends connections instead of answering."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

GREETING = (
    b"\xff"
    + bytes(8)
    + b"\x7f\x03\x00"
    + b"NULL".ljust(20, b"\0")
    + bytes(32)
    + b"\x04\x1c\x05READY\x0bSocket-Type\0\0\0\x06ROUTER"
)


class Dropper:
    """Accepts connections and ends each after its first bytes, so many times; then is silent."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.messages = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                its, _ = self.listener.accept()
                with its:
                    its.sendall(GREETING)
                    received = b""
                    while b"request" not in received:
                        received += its.recv(4096)
                    self.messages += 1
