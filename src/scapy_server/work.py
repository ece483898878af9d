"""What one request may cost, counted while it is answered.

Bounds on single values do not bound their products: a hundred checksums over a megabyte,
a thousand packets of two hundred layers, a suggestion for each of a thousand misspelt names.
So whoever does such work says so here before it does it. Outside of a request nothing is
counted. A process answers one request at a time, so there is one meter; what other threads of it do
meanwhile is not counted.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import ClassVar

from scapy_server import limits
from scapy_server.errors import ErrorCode, RefusedError, ScapyServerError


class WorkExhausted(ScapyServerError):
    """A request costs more than any may. No RefusedError: it says nothing about a value."""

    code: ClassVar[ErrorCode] = ErrorCode.SERVER_ERROR
    title: ClassVar[str] = "Scapy Server"


class _Meter:
    """Counts the work of one request; `clock` tells seconds of processor time.

    What is done inside of its `with` block is that work. `wall` tells seconds that pass, of
    which no fewer do; it takes a fraction of the time to ask, so it is asked first.
    """

    __slots__ = ("_clock", "_end", "_layers", "_suggestions", "_summed", "_wall", "_wall_end")

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        seconds = limits.REQUEST_MILLISECONDS / 1000
        self._clock, self._wall = clock, wall
        self._end, self._wall_end = clock() + seconds, wall() + seconds
        self._summed = 0
        self._layers = 0
        self._suggestions = 0

    def __enter__(self) -> None:
        global _meter  # noqa: PLW0603 (a process answers one request at a time)
        _meter = self

    def __exit__(self, *_: object) -> None:
        global _meter  # noqa: PLW0603 (as above)
        _meter = None

    def built(self, below: int) -> None:
        self._summed += below
        _check(limits.REQUEST_SUMMED_BYTES, self._summed)
        self.check()

    def dissected(self) -> None:
        self._layers += 1
        _check(limits.REQUEST_DISSECTED_LAYERS, self._layers)
        self.check()

    def may_suggest(self) -> bool:
        self._suggestions += 1
        return self._suggestions <= limits.REQUEST_SUGGESTIONS

    def check(self) -> None:
        if self._wall() > self._wall_end and self._clock() > self._end:
            bound = limits.REQUEST_MILLISECONDS
            raise WorkExhausted(f"{bound.meaning} may be at most {int(bound)} {bound.unit}")


_meter: _Meter | None = None


def request(
    clock: Callable[[], float] = time.thread_time, wall: Callable[[], float] = time.monotonic
) -> AbstractContextManager[None]:
    """Count what is done inside as one request's work."""
    return _Meter(clock, wall)


def built(below: int) -> None:
    """A layer with so many bytes below it is going to be built; may raise WorkExhausted."""
    if _meter is not None:
        _meter.built(below)


def dissected() -> None:
    """A layer is going to be dissected; may raise WorkExhausted."""
    if _meter is not None:
        _meter.dissected()


def may_suggest() -> bool:
    """Whether it may be looked for a name like one that is unknown."""
    return _meter is None or _meter.may_suggest()


def check() -> None:
    """Raise WorkExhausted if the request has had its processor time."""
    if _meter is not None:
        _meter.check()


def _check(bound: limits.Limit, amount: int) -> None:
    try:
        bound.check(amount)
    except RefusedError as refused:
        raise WorkExhausted(refused.problem) from None
