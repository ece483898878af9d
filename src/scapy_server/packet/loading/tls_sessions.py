"""The state of a TLS connection of which nothing is known, copied instead of made.

Each record, message and extension has one of its own while it is made by itself, and half of what
making them takes went there: it derives two keys of nothing. A copy is equal, and as much its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

from scapy.layers.tls.session import tlsSession

_SHARED = (type(None), bool, int, str, bytes, type, FunctionType)


@cache
def install() -> None:
    """Let a session that is given nothing be a copy of one, once in a process."""
    sessions: Any = tlsSession
    make, copied = sessions.__init__, _copier(vars(sessions()))

    def start(self: tlsSession, *given: Any, **named: Any) -> None:
        if given or named:
            make(self, *given, **named)
        else:
            vars(self).update(copied())

    sessions.__init__ = start


def _copier(value: Any) -> Callable[[], Any]:
    """What makes copies of a value as it is now; what cannot change is in all of them."""
    if isinstance(value, dict):
        same = {name: each for name, each in value.items() if _is_shared(each)}
        own = [(name, _copier(each)) for name, each in value.items() if name not in same]
        if not own:
            return same.copy
        return lambda: {**same, **{name: copy() for name, copy in own}}
    cls: Any = type(value)
    state = _copier(getattr(value, "__dict__", {}))
    items = [_copier(each) for each in value] if isinstance(value, list) else []

    def copy() -> Any:
        made = cls.__new__(cls)
        if items:
            made.extend([item() for item in items])
        if cls is not list:
            vars(made).update(state())
        return made

    return copy


def _is_shared(value: Any) -> bool:
    """Whether a value is nothing that could be changed: a plain one, or an object without state."""
    if isinstance(value, list | dict):
        return False
    return isinstance(value, _SHARED) or not getattr(value, "__dict__", True)
