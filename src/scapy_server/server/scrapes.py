"""An HTTP server for Prometheus that few can use at once, and nobody for long."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import HTTPServer
from socketserver import ThreadingMixIn
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import MetricsHandler
from prometheus_client.registry import Collector

SECONDS = 5.0  # for a client to ask and read
AT_ONCE = 8  # connections


class _Server(ThreadingMixIn, HTTPServer):
    """Answers few at once; whoever comes while they are busy is turned away."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, place: tuple[str, int], handler: type[MetricsHandler]) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        if ":" in place[0]:
            self.address_family = socket.AF_INET6
        super().__init__(place, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._free.acquire(blocking=False):
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
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Somebody went away; nothing of that is worth a line."""


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Scrapes:
    """Serves what a collector collects; OSError when the port is not to be had.

    A connection lasts at most `SECONDS`, and at most `AT_ONCE` are answered at a time.
    """

    def __init__(self, host: str, port: int, collector: Collector) -> None:
        registry = CollectorRegistry()
        registry.register(collector)
        handler = {"registry": registry, "timeout": SECONDS}
        self._server = _Server((host, port), type("_Handler", (MetricsHandler,), handler))
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
