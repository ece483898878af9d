"""The two dialects of the packet editor: the version handler, and the first version.

Source: docs/wire.md, "Telling the calling forms apart"; docs/first_version.md,
"The first version of the protocol".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec import UNSET

from scapy_server import rpc
from scapy_server.errors import InvalidParams, RefusedError, shown
from scapy_server.rpc.binding import Arguments, bind, positional_problem
from scapy_server.rpc.dialect import Call
from scapy_server.wording import JsonType


class VersionHandler:
    """Calls by position with the version handler in front of the parameters.

    They are told apart from calls without it by the handler that was issued, then by the
    count of parameters, then by their JSON types.
    """

    def __init__(self, handler: str, methods: frozenset[str]) -> None:
        self._handler = handler
        self._methods = methods

    def call(self, method: rpc.Method, params: object) -> Call | None:
        """As `Dialect.call`; RefusedError on a handler that was not issued."""
        if method.name not in self._methods or not isinstance(params, list):
            return None
        if not params or not isinstance(params[0], str):
            return None
        if params[0] == self._handler:
            return Call(method.function, bind(method, params[1:]))
        if positional_problem(method, params) is None:
            return None
        # Where the method itself takes a string first, and the rest alone would not have been
        # a complete call, what is wrong with the parameters is more than the handler.
        own_string = bool(method.parameters) and JsonType.STRING in method.parameters[0].types
        complete = positional_problem(method, params[1:]) is None
        if own_string and not complete:
            return None
        if not complete:
            raise RefusedError(
                f"{positional_problem(method, params)}; and as a version handler "
                f"{shown(params[0])} does not match"
            )
        raise RefusedError(
            f"version handler {shown(params[0])} does not match; "
            "call get_version_handler for the one to send, or leave it out"
        )


@dataclass(frozen=True)
class OldCall:
    """How a method is called in the first version of the protocol.

    Such a call is known by its params: null, a bare string, or an object with one of the
    `members`, as `form` says. `function` gets the context, then nothing, the string, or
    one string per member.
    """

    function: Callable[..., object]
    form: JsonType
    members: tuple[str, ...] = ()


class FirstVersion:
    """Calls whose params are null, a bare string or an object, by the names of the methods."""

    def __init__(self, calls: Mapping[str, OldCall]) -> None:
        self._calls = calls

    def call(self, method: rpc.Method, params: object) -> Call | None:
        """As `Dialect.call`; InvalidParams if a member lacks or is not a string."""
        old = self._calls.get(method.name)
        if old is None or params is UNSET or JsonType.of(params) is not old.form:
            return None
        if isinstance(params, dict):
            if not set(old.members) & params.keys():
                return None
            return Call(old.function, _members(method, old, params))
        return Call(old.function, () if params is None else (params,))


def _members(method: rpc.Method, old: OldCall, params: dict[str, object]) -> Arguments:
    for name in params:
        if name not in old.members:
            names = ", ".join(old.members)
            raise InvalidParams(f"{method.name} takes {names}, not {shown(name)}")
    for name in old.members:
        if not isinstance(params.get(name), str):
            raise InvalidParams(f'{method.name} needs the parameter "{name}", a string')
    return tuple(params[name] for name in old.members)
