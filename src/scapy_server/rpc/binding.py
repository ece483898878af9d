"""From `params` to a method's arguments.

Clients write the same call in several forms: by position as documented, by position
with the version handler in front, or by name. Positional forms are told apart by
the handler that was issued, then by count, then by JSON types. The first version of the
protocol puts no array into `params`, by which its calls are known.

Source: docs/wire.md, "Telling the calling forms apart".
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from scapy_server.errors import InvalidParams, RefusedError, shown
from scapy_server.rpc.method import FirstVersion, Method
from scapy_server.wording import JsonType, nearest

Arguments = tuple[Any, ...]


def bind(method: Method, params: object, version_handler: str) -> Arguments:
    """One argument per parameter of `method`, None for those that were left out.

    `params` is None or UNSET when the request has none. Raises InvalidParams on a wrong
    count, name or JSON type, and RefusedError on a version handler that was not issued.
    """
    if method.ignores_params:
        return ()
    if isinstance(params, dict):
        return _by_name(method, params)
    if params is None or params is UNSET:
        params = []
    if not isinstance(params, list):
        kind = JsonType.of(params).value
        raise InvalidParams(f"params must be an array or an object, not {kind}")
    own = _without_handler(method, params, version_handler) if method.versioned else params
    return _by_position(method, own)


def bind_first_version(method: Method, params: object) -> Arguments | None:
    """The arguments of the method's first-version function, None if the call is not one.

    Raises InvalidParams for a call that lacks a member or has one that is not a string.
    """
    dialect = method.first_version
    if dialect is None or params is UNSET or JsonType.of(params) is not dialect.form:
        return None
    if isinstance(params, dict):
        return _members(method, dialect, params) if set(dialect.members) & params.keys() else None
    return () if params is None else (params,)


def _members(method: Method, dialect: FirstVersion, params: dict[str, object]) -> Arguments:
    for name in params:
        if name not in dialect.members:
            names = ", ".join(dialect.members)
            raise InvalidParams(f"{method.name} takes {names}, not {shown(name)}")
    for name in dialect.members:
        if not isinstance(params.get(name), str):
            raise InvalidParams(f'{method.name} needs the parameter "{name}", a string')
    return tuple(params[name] for name in dialect.members)


def _by_position(method: Method, own: list[object]) -> Arguments:
    own = _gathered(method, own)
    problem = _problem(method, own)
    if problem:
        raise InvalidParams(problem)
    return (*own, *[None] * (len(method.parameters) - len(own)))


def _by_name(method: Method, named: dict[str, object]) -> Arguments:
    names = method.names
    for name in named:
        if name not in names:
            hint = nearest(name, names) or f"; {_takes(method)}"
            raise InvalidParams(f"{method.name} has no parameter {shown(name)}{hint}")
    for parameter in method.parameters:
        if parameter.name in named:
            problem = _type_problem(method, parameter.name, named[parameter.name])
            if problem:
                raise InvalidParams(problem)
        elif parameter.required:
            raise InvalidParams(f'{method.name} needs the parameter "{parameter.name}"')
    return tuple(named.get(name) for name in names)


def _without_handler(method: Method, params: list[object], version_handler: str) -> list[object]:
    """The method's own parameters, after the version handler if one stands in front."""
    if not params or not isinstance(params[0], str):
        return params
    if params[0] == version_handler:
        return params[1:]
    if _problem(method, _gathered(method, params)) is None:
        return params
    # The first string may be meant for the method itself. Then what is wrong is another
    # parameter, unless the rest alone would have been a complete call.
    own_string = bool(method.parameters) and JsonType.STRING in method.parameters[0].types
    if own_string and len(params) <= len(method.parameters) and _problem(method, params[1:]):
        return params
    raise RefusedError(
        f"version handler {shown(params[0])} does not match; "
        "call get_version_handler for the one to send, or leave it out"
    )


def _gathered(method: Method, own: list[object]) -> list[object]:
    """`["Ether", "TCP"]` as `[["Ether", "TCP"]]` for a method that may be called so."""
    if method.spreads and own and all(isinstance(item, str) for item in own):
        return [own]
    return own


def _problem(method: Method, own: list[object]) -> str | None:
    """What is wrong with positional parameters, if anything."""
    if not method.required_count <= len(own) <= len(method.parameters):
        were = "was" if len(own) == 1 else "were"
        return f"{_takes(method)}, {len(own)} {were} given"
    for name, value in zip(method.names, own, strict=False):
        problem = _type_problem(method, name, value)
        if problem:
            return problem
    return None


def _type_problem(method: Method, name: str, value: object) -> str | None:
    parameter = method.parameters[method.names.index(name)]
    kind = JsonType.of(value)
    if kind in parameter.types or (kind is JsonType.NULL and not parameter.required):
        return None
    return f"{name} of {method.name} must be {parameter.expected}, not {kind.value}"


def _takes(method: Method) -> str:
    if not method.parameters:
        return f"{method.name} takes no parameters"
    names = [
        parameter.name if parameter.required else f"{parameter.name} (optional)"
        for parameter in method.parameters
    ]
    plural = "s" if len(names) > 1 else ""
    return f"{method.name} takes {len(names)} parameter{plural}: {', '.join(names)}"
