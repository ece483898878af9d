"""A front put together and run: router, pool, shortcut and books, until it is told to stop."""

from __future__ import annotations

import logging
import os
import resource
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.extras import needed
from scapy_server.process import kernel
from scapy_server.process.stop import StopSignals
from scapy_server.server.books import Books
from scapy_server.server.errors import StartError
from scapy_server.server.log import say
from scapy_server.server.log_stream import dropped_lines
from scapy_server.server.operator import Operator, own_methods
from scapy_server.server.settings import Settings
from scapy_server.server.stats import Stats
from scapy_server.server.status import Fronts
from scapy_server.services.packets.known import KnownAnswers
from scapy_server.transport.access import Rules as AccessRules
from scapy_server.transport.front import Front, Service
from scapy_server.transport.router import Router
from scapy_server.transport.shortcut import Guarded, Shortcut
from scapy_server.transport.zmtp.curve import CurveKeys
from scapy_server.workers.pool import Pool, Rules
from scapy_server.workers.zygote_handle import Attach, connect

logger = logging.getLogger(__name__)

FAREWELL_SECONDS = 2.0  # how long replies still on their way may take when the server ends
_START_TICK = 200  # milliseconds


@dataclass(frozen=True)
class Place:
    """What a front is given: the socket that listens, who may connect, and its zygote.

    It is a front of the process `starter`, which has `lost` so many before. The `shortcut` is what
    it knows without asking workers; by default that is what they have taught it.
    """

    listener: socket.socket
    access: AccessRules
    keys: CurveKeys | None
    attach: Attach
    starter: int
    lost: int
    shortcut: Shortcut | None = None


def run(
    settings: Settings,
    place: Place,
    stop: StopSignals,
    out: TextIO,
    started: Callable[[], None],
) -> None:
    """Serve until `shut_down` or a signal; StartError if the service cannot be loaded.

    `started` is called as soon as clients are answered.
    """
    kernel.map_large_blocks()
    with ExitStack() as stack:
        stats = Stats(dropped_lines)
        books = Books(stats)
        pool = stack.enter_context(_workers(settings, place, books))
        router = Router(
            place.listener,
            books,
            place.access,
            capacity(settings),
            max_message=settings.max_message,
            keys=place.keys,
        )
        stack.callback(router.close)
        fronts = Fronts(place.starter, place.lost)
        operator = Operator(pool, router, stats, settings.remote_shutdown, fronts)
        shortcut = Guarded(KnownAnswers() if place.shortcut is None else place.shortcut)
        service = Service(pool, own_methods(operator), shortcut=shortcut)
        front = Front(router, service, stop, books)
        stack.enter_context(_metrics(settings, pool, stats))
        stop.serving()
        started()
        front.serve()
        _stop(front, pool, out)
        router.close(FAREWELL_SECONDS)


@contextmanager
def _workers(settings: Settings, place: Place, books: Books) -> Iterator[Pool]:
    """The pool, once every worker is warm."""
    rules = Rules(settings.worker_count, settings.request_timeout, settings.worker_memory)
    with closing(Pool(rules, partial(connect, place.attach), books)) as pool:
        while not pool.warm:
            if pool.failure is not None:
                raise StartError(f"cannot load the protocols: {pool.failure}")
            poll = select.poll()  # select() knows no descriptor beyond 1023
            for descriptor, events in pool.descriptors().items():
                poll.register(descriptor, events)
            ready = poll.poll(_START_TICK)
            now = time.monotonic()
            for descriptor, events in ready:
                pool.ready(descriptor, events, now)
            if pool.failure is None:
                pool.tick(now)
        yield pool


def capacity(settings: Settings) -> int:
    """How many descriptors connections may have, so that workers never lack any."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    in_use = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (names are all that is needed)
    reserved = limits.RESERVED_DESCRIPTORS + 4 * settings.worker_count
    return max(1, soft - in_use - reserved)


@contextmanager
def _metrics(settings: Settings, pool: Pool, stats: Stats) -> Iterator[None]:
    if settings.metrics is None:
        yield
        return
    try:
        with needed("metrics", "--metrics"):
            from scapy_server.server.metrics import Metrics  # noqa: PLC0415 (an optional extra)

        metrics = Metrics(settings.metrics_host, settings.metrics, pool, stats)
    except OSError as error:
        raise StartError(
            f"cannot serve metrics on {settings.metrics_host}, port {settings.metrics}: "
            f"{error.strerror or error}"
        ) from error
    except RefusedError as error:
        raise StartError(error.detail) from None
    with closing(metrics):
        logger.info("metrics on %s, port %d", settings.metrics_host, metrics.port)
        yield


def _stop(front: Front, pool: Pool, out: TextIO) -> None:
    reason = "shut down by remote user" if front.shut_down else "stopped by a signal"
    logger.info("%s, %d requests to finish", reason, pool.unfinished)
    if not front.shut_down:
        waiting = f"; requests to finish: {pool.unfinished}" if pool.unfinished else ""
        say(out, f"Server: Stopping{waiting}")
    front.drain()
    if front.shut_down:
        say(out, "Server: Shut down by remote user")
