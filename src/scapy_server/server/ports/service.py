"""Starting and stopping the ports service.

The control plane is a process of its own, with the data planes below it. If it is lost,
another one takes its place on the same sockets, with ports as at the start: what clients had
loaded and who owned what is lost with it, as with the engine's own server.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TextIO

from scapy_server import limits
from scapy_server.process import kernel
from scapy_server.process.stop import Stopped, StopSignals
from scapy_server.server.books import Books
from scapy_server.server.errors import StartError
from scapy_server.server.log import logger, logging_to, say
from scapy_server.server.log_stream import dropped_lines
from scapy_server.server.ports.backend import ControlBackend, ZippedCodec
from scapy_server.server.ports.bridges import CapturePorts
from scapy_server.server.ports.doorbell import Doorbell
from scapy_server.server.ports.exports import CaptureExports
from scapy_server.server.ports.settings import PortsSettings
from scapy_server.server.ports.setup import control_of
from scapy_server.server.serving import FAREWELL_SECONDS
from scapy_server.server.stats import Stats
from scapy_server.server.supervisor import Supervisor
from scapy_server.services.ports.control import Control
from scapy_server.services.ports.methods.receiving import send_frames
from scapy_server.services.ports.plane.line import LineError
from scapy_server.services.ports.state.events import Kind
from scapy_server.transport.access import Rules, parse_networks
from scapy_server.transport.front import Front, Service
from scapy_server.transport.listening import listen
from scapy_server.transport.pairs import Pairs
from scapy_server.transport.publisher import SOCKET_TYPE, Publisher
from scapy_server.transport.router import Router

_RESERVED_DESCRIPTORS = 128
#: For clients to fetch the event that the server ends: they do when the doorbell is rung.
_HEARD_SECONDS = 1.0
_SUBSCRIPTION_BYTES = 4096  # of a message to the socket of events, which subscribes


def serve_ports(
    settings: PortsSettings, stop: StopSignals | None = None, out: TextIO | None = None
) -> None:
    """Answer clients until a signal or `shutdown`; StartError when it cannot start."""
    out = out or sys.stdout
    alone = threading.active_count() == 1
    try:
        with ExitStack() as stack:
            stop = stop or stack.enter_context(StopSignals())
            stack.enter_context(_logging(settings, out))
            kernel.raise_descriptor_limit()
            place = Place(
                _rules(settings),
                stack.enter_context(_listening(settings.host, settings.port)),
                stack.enter_context(_listening(settings.host, settings.async_port)),
                out,
            )
            announce = partial(_announce, settings, place, out)

            def run(attach: object, lost: int, started: Callable[[], None]) -> None:
                _run(settings, place, stop, started)

            if alone:
                Supervisor(_nothing_outlives, stop, run, announce).run()
            else:
                run(_nothing_outlives, 0, announce)
    except Stopped:
        say(out, "Ports: Stopped at once")


@dataclass(frozen=True)
class Place:
    """Who may connect, and the sockets to which; `out` is for whoever started it."""

    rules: Rules
    requests: socket.socket
    events: socket.socket
    out: TextIO


def _nothing_outlives(control: socket.socket, fresh: bool) -> None:
    control.close()


def _run(
    settings: PortsSettings, place: Place, stop: StopSignals, started: Callable[[], None]
) -> None:
    """Serve until a signal or `shutdown`; StartError when a line does not open."""
    try:
        with ExitStack() as stack:
            _serve(settings, place, stop, started, stack)
    except LineError as error:
        raise StartError(str(error)) from error


def _serve(
    settings: PortsSettings,
    place: Place,
    stop: StopSignals,
    started: Callable[[], None],
    stack: ExitStack,
) -> None:
    books = Books(Stats(dropped_lines))
    longest = int(limits.FIELD_ENGINE_FRAME_BYTES)

    def arrived(number: int, frames: list[bytes]) -> None:
        if number in control.ports:  # and not from who only reads a capture
            send_frames(control, number, frames)

    pairs = Pairs(longest, arrived)
    stack.callback(pairs.close)
    bridges = CapturePorts(settings.endpoints, pairs)
    exports = CaptureExports(settings.endpoints, pairs)
    control, links = stack.enter_context(control_of(settings, bridges, exports))
    room = _capacity() // 2
    most = int(limits.PORTS_REQUEST_BYTES)
    router = Router(place.requests, books, place.rules, room, max_message=2 * most)
    stack.callback(router.close)
    bell_router = Router(
        place.events, books, place.rules, room, SOCKET_TYPE, max_message=_SUBSCRIPTION_BYTES
    )
    publisher = Publisher(bell_router)
    stack.callback(publisher.close)
    backend = stack.enter_context(closing(ControlBackend(control, links)))
    backend.doorbell = doorbell = Doorbell(publisher, control)
    stack.enter_context(_metrics(settings, control))
    front = Front(router, Service(backend, codec=ZippedCodec(most)), stop, books, (doorbell, pairs))
    stop.serving()
    started()
    front.serve()
    if not front.shut_down:
        say(place.out, "Ports: Stopping")
        control.publish(Kind.SERVER_STOPPED, cause="the server was stopped")
        doorbell.ring()
    front.linger(_HEARD_SECONDS, lambda: control.events.is_heard(control.wall))
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


def _announce(settings: PortsSettings, place: Place, out: TextIO) -> None:
    numbers = [listener.getsockname()[1] for listener in (place.requests, place.events)]
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
    if settings.notify is not None:
        os.write(settings.notify, b"\n")
        os.close(settings.notify)
