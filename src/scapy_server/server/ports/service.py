"""Starting and stopping the ports service."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TextIO

from scapy_server import limits
from scapy_server.process import kernel
from scapy_server.process.stop import Stopped, StopSignals
from scapy_server.server.books import Books
from scapy_server.server.errors import StartError
from scapy_server.server.log import logger, logging_to
from scapy_server.server.log_stream import dropped_lines
from scapy_server.server.ports.backend import ControlBackend, ZippedCodec
from scapy_server.server.ports.bridges import NoBridges
from scapy_server.server.ports.doorbell import Doorbell
from scapy_server.server.ports.settings import PortsSettings
from scapy_server.server.ports.setup import control_of
from scapy_server.server.serving import FAREWELL_SECONDS, say
from scapy_server.server.stats import Stats
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.state.events import Kind
from scapy_server.transport.access import Rules, parse_networks
from scapy_server.transport.front import Front, Service
from scapy_server.transport.listening import listen
from scapy_server.transport.publisher import SOCKET_TYPE, Publisher
from scapy_server.transport.router import Router

_RESERVED_DESCRIPTORS = 128


def serve_ports(
    settings: PortsSettings, stop: StopSignals | None = None, out: TextIO | None = None
) -> None:
    """Answer clients until a signal or `shutdown`; StartError when it cannot start."""
    out = out or sys.stdout
    try:
        with ExitStack() as stack:
            stop = stop or stack.enter_context(StopSignals())
            stack.enter_context(_logging(settings, out))
            kernel.raise_descriptor_limit()
            _run(settings, stop, out, stack)
    except Stopped:
        pass
    except LineError as error:
        raise StartError(str(error)) from error


def _run(settings: PortsSettings, stop: StopSignals, out: TextIO, stack: ExitStack) -> None:
    rules = _rules(settings)
    books = Books(Stats(dropped_lines))
    listeners = [
        stack.enter_context(_listening(settings.host, port))
        for port in (settings.port, settings.async_port)
    ]
    control, links = stack.enter_context(control_of(settings, NoBridges()))
    room = _capacity() // 2
    most = int(limits.PORTS_REQUEST_BYTES)
    router = Router(listeners[0], books, rules, room, max_message=2 * most)
    stack.callback(router.close)
    bell_router = Router(listeners[1], books, rules, room, SOCKET_TYPE, max_message=most)
    publisher = Publisher(bell_router)
    stack.callback(publisher.close)
    backend = stack.enter_context(closing(ControlBackend(control, links, settings.remote_shutdown)))
    backend.doorbell = doorbell = Doorbell(publisher, control)
    stack.enter_context(_metrics(settings, control))
    front = Front(router, Service(backend, codec=ZippedCodec(most)), stop, books, (doorbell,))
    stop.serving()
    _announce(settings, [listener.getsockname()[1] for listener in listeners], out)
    front.serve()
    if not front.shut_down:
        control.publish(Kind.SERVER_STOPPED, cause="the server was stopped")
        doorbell.ring()
    front.drain()
    router.close(FAREWELL_SECONDS)


@contextmanager
def _logging(settings: PortsSettings, out: TextIO) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(
                logging_to(settings.verbose, settings.log, out, settings.log_format)
            )
        except OSError as error:
            raise StartError(
                f"cannot write the log file {settings.log}: {error.strerror}"
            ) from error
        yield


@contextmanager
def _metrics(settings: PortsSettings, control: Control) -> Iterator[None]:
    if settings.metrics is None:
        yield
        return
    from scapy_server.server.ports.metrics import PortsMetrics  # noqa: PLC0415 (rarely asked for)

    try:
        metrics = PortsMetrics(settings.metrics_host, settings.metrics, control)
    except OSError as error:
        raise StartError(
            f"cannot serve metrics on {settings.metrics_host}, port {settings.metrics}: "
            f"{error.strerror or error}"
        ) from error
    with closing(metrics):
        logger.info("metrics on %s, port %d", settings.metrics_host, metrics.port)
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = listen(host, port)
    except OSError as error:
        raise StartError(
            f'cannot listen on host "{host}", port {port}: {error.strerror or error}'
        ) from error
    with closing(listener):
        yield listener


def _rules(settings: PortsSettings) -> Rules:
    try:
        return Rules(parse_networks(settings.allow))
    except ValueError as error:
        raise StartError(f"cannot allow that address: {error}") from error


def _capacity() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(2, soft - _RESERVED_DESCRIPTORS)


def _announce(settings: PortsSettings, numbers: list[int], out: TextIO) -> None:
    logger.info("%d ports on %s, port %d", len(settings.ports), settings.host, numbers[0])
    ports = ", ".join(
        f"{number}: {port.line.kind} {port.line.interface or port.line.file}".strip()
        for number, port in enumerate(settings.ports)
    )
    say(
        out,
        "***Scapy Server Ports Started***",
        f"Listening on ports: {numbers[0]} (requests), {numbers[1]} (events)",
        f"Ports: {ports}",
    )
