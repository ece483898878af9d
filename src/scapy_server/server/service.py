"""Starting and stopping: sockets, processes and the front, in the right order."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TextIO

import zmq

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.extras import needed
from scapy_server.process import kernel
from scapy_server.process.stop import Stopped, StopSignals
from scapy_server.server.log import logger, logging_to
from scapy_server.server.settings import LOADER, Settings
from scapy_server.server.stats import Stats
from scapy_server.transport import address, keys
from scapy_server.transport.access import Gate, Rules, parse_networks
from scapy_server.transport.front import Front
from scapy_server.transport.intake import Intake, watched
from scapy_server.transport.shortcut import LearningShortcut, Shortcut
from scapy_server.wording import printable
from scapy_server.workers.pool import Pool
from scapy_server.workers.zygote_handle import Nursery

__all__ = ["Settings", "StartError", "serve"]

LINGER_MILLISECONDS = 2000  # how long replies still on their way may take when the server ends
HANDSHAKE_MILLISECONDS = 10_000  # how long a connection may take to speak ZeroMQ
KEEPALIVE_SECONDS = 60  # of silence, before a client is asked whether it is still there
BACKLOG = 1024
_RECEIVED_AHEAD = 64  # messages of a client that are read before the front takes them
_START_TICK = 200  # milliseconds


class StartError(Exception):
    """The server cannot start, and why: one line for the operator."""


def serve(
    settings: Settings,
    load: str = LOADER,
    stop: StopSignals | None = None,
    out: TextIO | None = None,
    shortcut: Shortcut | None = None,
) -> None:
    """Answer requests until `shut_down`, Ctrl+C or SIGTERM, then return.

    `load` names the function (`module:function`) that makes the dispatcher in the worker
    processes, from the modules and definitions of `settings`. Raises StartError when the
    port, the host, the log, the keys or the core is not to be had.
    """
    out = out or sys.stdout
    try:
        with ExitStack() as stack:
            stop = stop or stack.enter_context(StopSignals())
            stack.enter_context(_logging(settings, out))
            kernel.raise_descriptor_limit()
            stats = Stats()
            socket, gate = stack.enter_context(_listening(settings, stats))
            pool = stack.enter_context(_workers(settings, load, stats))
            known = shortcut or LearningShortcut()
            front = Front(settings, socket, gate, pool, known, stop, stats)
            stack.enter_context(_metrics(settings, pool, stats))
            stop.serving()
            _announce(settings, socket, out)
            front.serve()
            _stop(front, out)
    except Stopped:
        pass


@contextmanager
def _logging(settings: Settings, out: TextIO) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(
                logging_to(
                    settings.verbose,
                    settings.log,
                    out,
                    settings.log_format,
                    settings.log_max_bytes,
                )
            )
        except OSError as error:
            raise StartError(
                f"cannot write the log file {settings.log}: {error.strerror}"
            ) from error
        yield


@contextmanager
def _listening(settings: Settings, stats: Stats) -> Iterator[tuple[zmq.Socket[bytes], Gate]]:
    place = f'host "{printable(settings.host)}", port {settings.port}'
    rules = _rules(settings)
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 1023)
    socket = Intake.of(context, stats.refused)
    gate = Gate(socket, rules, stats.refused)
    linger = LINGER_MILLISECONDS
    try:
        _set_options(socket, settings)
        try:
            endpoint = address.endpoint(settings.host, settings.port)
            socket.setsockopt(zmq.IPV6, address.wants_ipv6(endpoint))
            socket.bind(endpoint)
        except zmq.ZMQError as error:
            reason = zmq.strerror(error.errno or 0)
            raise StartError(f"cannot listen on {place}: {reason}") from error
        except OSError as error:
            raise StartError(f"cannot listen on {place}: {error.strerror or error}") from error
        with watched(socket):
            yield socket, gate
    except Stopped:
        linger = 0
        raise
    finally:
        gate.close()
        socket.close(linger=linger)
        context.term()


def _set_options(socket: zmq.Socket[bytes], settings: Settings) -> None:
    """Bounds and time-outs, so that no client can hold on to more than its share."""
    socket.setsockopt(zmq.MAXMSGSIZE, settings.max_message)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)  # so that a reply nobody takes is noticed
    socket.setsockopt(zmq.SNDHWM, limits.UNREAD_REPLIES_OF_A_CLIENT)
    socket.setsockopt(zmq.RCVHWM, _RECEIVED_AHEAD)
    socket.setsockopt(zmq.HANDSHAKE_IVL, HANDSHAKE_MILLISECONDS)
    socket.setsockopt(zmq.BACKLOG, BACKLOG)
    socket.setsockopt(zmq.TCP_KEEPALIVE, 1)
    socket.setsockopt(zmq.TCP_KEEPALIVE_IDLE, KEEPALIVE_SECONDS)
    socket.setsockopt(zmq.TCP_KEEPALIVE_INTVL, KEEPALIVE_SECONDS // 4)


def _rules(settings: Settings) -> Rules:
    try:
        networks = parse_networks(settings.allow)
    except ValueError as error:
        raise StartError(f"cannot allow that address: {error}") from error
    try:
        own = None if settings.curve_keys is None else keys.load(settings.curve_keys)
    except keys.KeyFileError as error:
        raise StartError(str(error)) from error
    return Rules(networks, own)


@contextmanager
def _workers(settings: Settings, load: str, stats: Stats) -> Iterator[Pool]:
    """The pool, once every worker is warm."""
    with closing(Pool(settings, partial(Nursery, settings, load), stats)) as pool:
        nursery = pool.nursery
        assert nursery is not None
        while not pool.ready:
            if pool.nursery is not nursery or nursery.failure is not None:
                reason = nursery.failure or "the process that loads them has ended"
                raise StartError(f"cannot load the protocols: {reason}")
            poll = select.poll()  # select() knows no descriptor beyond 1023
            poll.register(nursery, select.POLLIN)
            for worker in pool.workers:
                poll.register(worker.channel, select.POLLIN)
            readable = {descriptor for descriptor, _ in poll.poll(_START_TICK)}
            now = time.monotonic()
            pool.reported(now)
            for worker in pool.workers:
                if worker.channel.fileno() in readable:
                    pool.readable(worker, now)
            pool.tick(now)
        yield pool


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


def _announce(settings: Settings, socket: zmq.Socket[bytes], out: TextIO) -> None:
    bound = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(bound, bytes)
    host_address, port = address.parse_endpoint(bound.rstrip(b"\0").decode())
    logger.info(
        "listening on %s, port %d, with %d workers", host_address, port, settings.worker_count
    )
    if settings.is_open:
        logger.warning(
            "anyone who reaches port %d may use this server, from any address; "
            "--host, --allow or --curve-keys limit that",
            port,
        )
    _say(
        out,
        "***Scapy Server Started***",
        f"Listening on port: {port}",
        f"Server IP address: {address.reachable_address(host_address)}",
    )


def _stop(front: Front, out: TextIO) -> None:
    reason = "shut down by remote user" if front.shut_down else "stopped by a signal"
    logger.info("%s, %d requests to finish", reason, front.pool.unfinished)
    front.drain()
    if front.shut_down:
        _say(out, "Server: Shut down by remote user")


def _say(out: TextIO, *lines: str) -> None:
    try:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
    except (OSError, ValueError):
        pass  # nobody reads our output any more; the clients are still there
