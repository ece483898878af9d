"""The server: one ROUTER socket in front of the dispatcher."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import zmq

from scapy_server import limits
from scapy_server.errors import ScapyServerError
from scapy_server.release import DEFAULT_PORT
from scapy_server.rpc import Dispatcher, Reply
from scapy_server.rpc.dispatcher import refusal
from scapy_server.server import address
from scapy_server.server.framing import Message, split
from scapy_server.server.log import logger, logging_to, printable, wire_text
from scapy_server.server.stop import Stopped, StopSignals

LINGER_MILLISECONDS = 2000  # how long replies still on their way may take when the server ends


class StartError(Exception):
    """The server cannot start, and why: one line for the operator."""


@dataclass(frozen=True)
class Settings:
    """What the operator asked for; port 0 is any free one."""

    port: int = DEFAULT_PORT
    host: str = address.ANY
    verbose: bool = False
    log: Path | None = None
    modules: tuple[str, ...] = ()
    definitions: tuple[Path, ...] = ()


def serve(
    settings: Settings,
    load: Callable[[Settings], Dispatcher] | None = None,
    stop: StopSignals | None = None,
    out: TextIO | None = None,
) -> None:
    """Answer requests until `shut_down`, Ctrl+C or SIGTERM, then return.

    `load` makes the dispatcher (default: all methods over the core that `settings` ask
    for). Raises StartError when the port, the host, the log or the core is not to be had.
    """
    out = out or sys.stdout
    with ExitStack() as stack:
        try:
            stop = stop or stack.enter_context(StopSignals())
            stack.enter_context(_logging(settings, out))
            socket = stack.enter_context(_listening(settings))
            dispatcher = _loaded(load or load_dispatcher, settings)
            stop.serving()
            _announce(socket, out)
            _answer_all(socket, dispatcher, stop, out)
        except Stopped:
            logger.info("stopped by a signal")


def load_dispatcher(settings: Settings) -> Dispatcher:
    """All methods over a core with the modules and definitions of `settings`."""
    # Imported late: it brings Scapy in, and a bad port or host should be told before that.
    from scapy_server.methods.core import Core  # noqa: PLC0415
    from scapy_server.methods.table import dispatcher  # noqa: PLC0415

    loaded = dispatcher(Core.load(settings.modules, settings.definitions))
    # What is loaded stays: the collector need not look at it in the midst of a request
    # (a fifth of a second each time) nor when the process ends.
    gc.freeze()
    return loaded


@contextmanager
def _logging(settings: Settings, out: TextIO) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(logging_to(settings.verbose, settings.log, out))
        except OSError as error:
            raise StartError(
                f"cannot write the log file {settings.log}: {error.strerror}"
            ) from error
        yield


@contextmanager
def _listening(settings: Settings) -> Iterator[zmq.Socket[bytes]]:
    place = f'host "{printable(settings.host)}", port {settings.port}'
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    try:
        socket.setsockopt(zmq.MAXMSGSIZE, limits.MESSAGE_BYTES)
        try:
            endpoint = address.endpoint(settings.host, settings.port)
            socket.setsockopt(zmq.IPV6, address.wants_ipv6(endpoint))
            socket.bind(endpoint)
        except zmq.ZMQError as error:
            reason = zmq.strerror(error.errno or 0)
            raise StartError(f"cannot listen on {place}: {reason}") from error
        except OSError as error:
            raise StartError(f"cannot listen on {place}: {error.strerror or error}") from error
        yield socket
    finally:
        socket.close(linger=LINGER_MILLISECONDS)
        context.term()


def _loaded(load: Callable[[Settings], Dispatcher], settings: Settings) -> Dispatcher:
    try:
        return load(settings)
    except Exception as error:
        # An operator's own module or file may fail in any way; its reason is what to read.
        own = isinstance(error, ScapyServerError)
        reason = str(error) if own else f"{type(error).__name__}: {error}"
        raise StartError(f"cannot load the protocols: {' '.join(reason.split())}") from error


def _announce(socket: zmq.Socket[bytes], out: TextIO) -> None:
    bound = socket.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(bound, bytes)
    host, port = address.parse_endpoint(bound.rstrip(b"\0").decode())
    logger.info("listening on %s, port %d", host, port)
    _say(
        out,
        "***Scapy Server Started***",
        f"Listening on port: {port}",
        f"Server IP address: {address.reachable_address(host)}",
    )


def _answer_all(
    socket: zmq.Socket[bytes], dispatcher: Dispatcher, stop: StopSignals, out: TextIO
) -> None:
    poller = zmq.Poller()
    poller.register(socket, zmq.POLLIN)
    if stop.poll_on is not None:
        poller.register(stop.poll_on, zmq.POLLIN)
    while not stop.requested:
        if socket not in dict(poller.poll()):
            continue
        message = split(socket.recv_multipart())
        reply = _answer(message, dispatcher)
        try:
            socket.send_multipart(message.reply(reply.data))
        except zmq.ZMQError as error:
            logger.warning("a reply could not be sent: %s", error.strerror)
        if reply.shut_down:
            logger.info("shut down by remote user")
            _say(out, "Server: Shut down by remote user")
            return
    logger.info("stopped by a signal")


def _answer(message: Message, dispatcher: Dispatcher) -> Reply:
    started = time.perf_counter()
    if len(message.body) == 1:
        request = message.body[0]
        reply = dispatcher.handle(request)
    else:
        request = b" | ".join(message.body)
        reply = refusal(f"a request is one frame, this message has {len(message.body)}")
    if logger.isEnabledFor(logging.DEBUG):
        client = message.envelope[0].hex()
        logger.debug("Request from %s: %s", client, wire_text(request))
        logger.debug("Reply to %s: %s", client, wire_text(reply.data))
    logger.info(
        "%s: %s in %.1f ms, %d bytes in, %d bytes out",
        reply.method or "no method",
        "ok" if reply.error is None else f"error {int(reply.error)}",
        1000 * (time.perf_counter() - started),
        len(request),
        len(reply.data),
    )
    if reply.bug:
        logger.error("%s failed on %s\n%s", reply.method, wire_text(request), reply.bug)
    return reply


def _say(out: TextIO, *lines: str) -> None:
    try:
        out.write("".join(f"{line}\n" for line in lines))
        out.flush()
    except (OSError, ValueError):
        pass  # nobody reads our output any more; the clients are still there
