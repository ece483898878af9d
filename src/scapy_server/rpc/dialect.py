"""Other ways to write a call than the documented one.

A service gives its dialects to the dispatcher, which asks each in turn. A call that is in
none of them is bound as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scapy_server.rpc.binding import Arguments
from scapy_server.rpc.method import Method


@dataclass(frozen=True)
class Call:
    """What is to run: `function` with the dispatcher's context and these arguments."""

    function: Callable[..., object]
    arguments: Arguments


class Dialect(Protocol):
    """One way to write calls."""

    def call(self, method: Method, params: object) -> Call | None:
        """The call that these params are in this dialect, None if they are not in it.

        `params` is UNSET when the request has none. Raises ScapyServerError for a call that
        is in this dialect and wrong.
        """
