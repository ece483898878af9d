"""Starting: the socket, the keys and the log, then a supervised front."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from scapy_server.process import kernel
from scapy_server.process.stop import Stopped, StopSignals
from scapy_server.server.errors import StartError
from scapy_server.server.log import logger, logging_to, say
from scapy_server.server.settings import LOADER, Settings
from scapy_server.server.supervisor import Supervisor
from scapy_server.transport import address
from scapy_server.transport.access import Rules, parse_networks
from scapy_server.transport.listening import listen
from scapy_server.wording import printable
from scapy_server.workers.channel import Task
from scapy_server.workers.keeper import Keeper
from scapy_server.workers.zygote_handle import Attach

if TYPE_CHECKING:
    from scapy_server.transport.shortcut import Shortcut
    from scapy_server.transport.zmtp.curve import CurveKeys

__all__ = ["Settings", "StartError", "serve"]


def serve(
    settings: Settings,
    load: str = LOADER,
    stop: StopSignals | None = None,
    out: TextIO | None = None,
    shortcut: Shortcut | None = None,
) -> None:
    """Answer requests until `shut_down`, Ctrl+C, SIGTERM or SIGHUP, then return.

    `load` names the function (`module:function`) that makes the dispatcher in the worker
    processes, from the modules, definitions and templates of `settings`. Raises StartError when the
    port, the host, the log, the keys or the core is not to be had.

    The front is a process of its own if this one has no other threads; else it runs here.
    """
    out = out or sys.stdout
    pid = os.getpid()
    alone = threading.active_count() == 1
    try:
        with ExitStack() as stack:
            stop = stop or stack.enter_context(StopSignals())
            stack.enter_context(_logging(settings, out))
            kernel.raise_descriptor_limit()
            rules, curve = _rules(settings)
            listener = stack.enter_context(closing(_listener(settings)))
            keeper = stack.enter_context(closing(Keeper(_task(settings, load))))
            keeper.start()
            from scapy_server.server import serving  # noqa: PLC0415 (while the zygote loads)

            announce = partial(_announce, settings, listener, out)

            def run(attach: Attach, lost: int, started: Callable[[], None]) -> None:
                place = serving.Place(listener, rules, curve, attach, pid, lost, shortcut)
                serving.run(settings, place, stop, out, started)

            if alone:
                Supervisor(keeper.attach, stop, run, announce).run()
            else:
                run(keeper.attach, 0, announce)
    except Stopped:
        say(out, "Server: Stopped at once")


def _task(settings: Settings, load: str) -> Task:
    definitions, templates = (
        [str(path) for path in paths] for paths in (settings.definitions, settings.templates)
    )
    return Task(load, list(settings.modules), definitions, templates, settings.worker_memory)


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


def _listener(settings: Settings) -> socket.socket:
    try:
        return listen(settings.host, settings.port)
    except OSError as error:
        place = f'host "{printable(settings.host)}", port {settings.port}'
        raise StartError(f"cannot listen on {place}: {error.strerror or error}") from error


def _rules(settings: Settings) -> tuple[Rules, CurveKeys | None]:
    try:
        networks = parse_networks(settings.allow)
    except ValueError as error:
        raise StartError(f"cannot allow that address: {error}") from error
    return Rules(networks), None if settings.curve_keys is None else _keys(settings.curve_keys)


def _keys(directory: Path) -> CurveKeys:
    from scapy_server.transport import keys  # noqa: PLC0415 (brings ZeroMQ in)

    try:
        return keys.load(directory)
    except keys.KeyFileError as error:
        raise StartError(str(error)) from error


def _announce(settings: Settings, listener: socket.socket, out: TextIO) -> None:
    host_address, port, *_ = listener.getsockname()
    logger.info(
        "listening on %s, port %d, with %d workers", host_address, port, settings.worker_count
    )
    if settings.is_open:
        logger.warning(
            "anyone who reaches port %d may use this server, from any address; "
            "--host, --allow or --curve-keys limit that",
            port,
        )
    say(
        out,
        "***Scapy Server Started***",
        f"Listening on port: {port}",
        f"Server IP address: {address.reachable_address(host_address)}",
    )
