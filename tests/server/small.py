"""Servers with a few methods and without Scapy, which are quickly there.

The functions are named to `serve`, whose worker processes import this module.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, NoReturn

from msgspec.structs import replace

from scapy_server.errors import RefusedError
from scapy_server.rpc import Dispatcher, Method, Parameter, Reply
from scapy_server.wording import JsonType

LOAD = f"{__name__}:load"


def _sleep(core: None, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _spin(core: None) -> None:
    while True:
        pass


def _starve(core: None) -> None:
    """Takes processor time that nobody counts."""
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    while True:
        pass


def _devour(core: None) -> int:
    taken = []
    while True:
        taken.append(bytearray(16 * 1024 * 1024))


def _keep(core: list[bytearray], size: float) -> int:
    core.append(bytearray(b"x") * int(size))
    return len(core)


def _die(core: None, number: float) -> None:
    os.kill(os.getpid(), int(number))
    time.sleep(60)


_ANY = tuple(JsonType)
METHODS = (
    Method("ping", lambda core: {}, "", "", quick=True),
    Method("echo", lambda core, value: value, "", "", (Parameter("value", _ANY, ""),)),
    Method("pid", lambda core: os.getpid(), "", ""),
    Method("fail", lambda core: 1 / 0, "", ""),
    Method("sleep", _sleep, "", "", (Parameter("seconds", (JsonType.NUMBER,), ""),)),
    Method("spin", _spin, "", ""),
    Method("starve", _starve, "", ""),
    Method("devour", _devour, "", ""),
    Method("keep", _keep, "", "", (Parameter("size", (JsonType.NUMBER,), ""),)),
    Method("die", _die, "", "", (Parameter("signal", (JsonType.NUMBER,), ""),)),
    Method("big", lambda core, n: "x" * int(n), "", "", (Parameter("n", _ANY, ""),)),
    Method("shut_down", lambda core: "bye", "", "", ignores_params=True, ends_service=True),
)


def load(
    modules: tuple[str, ...], definitions: tuple[Path, ...], templates: tuple[Path, ...]
) -> Dispatcher:
    return Dispatcher(METHODS, [])


def refuse(*_: Any) -> NoReturn:
    raise RefusedError("no module 'x'")


def fail(*_: Any) -> NoReturn:
    raise ZeroDivisionError("by\nzero")


def exit_at_once(*_: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def load_then_break(
    modules: tuple[str, ...], definitions: tuple[Path, ...], templates: tuple[Path, ...]
) -> Dispatcher:
    """A core of which only the first worker can be made."""
    first = True

    def ends_all_but_the_first() -> None:
        nonlocal first
        first = False

    def check() -> None:
        if not first:
            os.kill(os.getpid(), signal.SIGKILL)

    os.register_at_fork(after_in_parent=ends_all_but_the_first, after_in_child=check)
    return load(modules, definitions, templates)


class _Noting(Dispatcher):
    """Hands a note over with each answer."""

    def handle(self, message: bytes) -> Reply:
        reply = super().handle(message)
        return replace(reply, note=f"noted {reply.method}".encode())


def load_noting(
    modules: tuple[str, ...], definitions: tuple[Path, ...], templates: tuple[Path, ...]
) -> Dispatcher:
    return _Noting(METHODS, [])
