"""Bugs that cost one item of a list its answer, while the others are answered.

Whoever answers item by item notes them here; the dispatcher hands what was noted over with the
reply, for the log. A process answers one request at a time, so there is one list.
"""

from __future__ import annotations

import traceback

KEPT = 4  # of one request
LONGEST = 16 * 1024  # characters of one traceback

_noted: list[str] = []


def text() -> str:
    """The traceback of the exception at hand, its end if it is long, as text that can be sent."""
    found = traceback.format_exc(chain=True)[-LONGEST:]
    return found.encode("utf-8", "backslashreplace").decode()


def note() -> None:
    """Keep the traceback of the exception at hand."""
    if len(_noted) < KEPT:
        _noted.append(text())


def taken() -> str | None:
    """What was noted since this was asked last, None if nothing was."""
    found = "\n".join(_noted) or None
    _noted.clear()
    return found
