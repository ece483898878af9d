"""An HTTP server for Prometheus that few can use at once, and nobody for long.

Whoever comes when all places are taken has the place of who has been asking for longest without
having asked, or of who has been reading for long: so nobody can hold them all.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from http.server import HTTPServer
from socketserver import ThreadingMixIn
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import MetricsHandler
from prometheus_client.registry import Collector

SECONDS = 5.0  # for a client to ask and read
READ_SECONDS = 1.0  # after which a place may be given to somebody else
AT_ONCE = 8  # connections


class _Places:
    """Who is being answered: each connection by when it came, and those that have not asked yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._came: dict[socket.socket, float] = {}
        self._asking: dict[socket.socket, None] = {}
        self._hung_up: set[socket.socket] = set()

    def take(self, connection: socket.socket, now: float) -> bool:
        """Take a place, somebody else's if there is no other; False if there is none."""
        with self._lock:
            if len(self._came) >= AT_ONCE and not self._vacate(now):
                return False
            self._came[connection] = now
            self._asking[connection] = None
            return True

    def _vacate(self, now: float) -> bool:
        if len(self._hung_up) >= AT_ONCE:  # whose threads have not ended yet
            return False
        slow = (each for each, came in self._came.items() if now > came + READ_SECONDS)
        loser = next(iter(self._asking), None) or next(slow, None)
        if loser is None:
            return False
        del self._came[loser]
        self._asking.pop(loser, None)
        self._hung_up.add(loser)
        _hang_up(loser)
        return True

    def has_asked(self, connection: socket.socket) -> None:
        """It has sent all of its request."""
        with self._lock:
            self._asking.pop(connection, None)

    def leave(self, connection: socket.socket) -> None:
        """It is done with."""
        with self._lock:
            self._came.pop(connection, None)
            self._asking.pop(connection, None)
            self._hung_up.discard(connection)


class _Server(ThreadingMixIn, HTTPServer):
    """Answers few at once."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], handler: type[MetricsHandler]) -> None:
        self.places = _Places()
        if ":" in place[0]:
            self.address_family = socket.AF_INET6
        super().__init__(place, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self.places.take(request, time.monotonic()):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        end = threading.Timer(SECONDS, _hang_up, (request,))  # also for who sends byte by byte
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            end.cancel()
            self.places.leave(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody went away; nothing of that is worth a line."""


class _Handler(MetricsHandler):
    """Tells when it has heard the request."""

    server: _Server
    timeout = SECONDS

    def do_GET(self) -> None:  # noqa: N802 (http.server's name)
        self.server.places.has_asked(self.connection)
        super().do_GET()


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Scrapes:
    """Serves what a collector collects; OSError when the port is not to be had.

    A connection lasts at most `SECONDS`, and less when more than `AT_ONCE` come at a time.
    """

    def __init__(self, host: str, port: int, collector: Collector) -> None:
        registry = CollectorRegistry()
        registry.register(collector)
        handler = type("_Handler", (_Handler,), {"registry": registry})
        self._server = _Server((host, port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop serving and wait for the thread."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
