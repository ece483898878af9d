"""From `params` to a method's arguments.

Clients write a call by position or by name. What else they may write is for a dialect.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from scapy_server.errors import InvalidParams, shown
from scapy_server.rpc.method import Method, Parameter
from scapy_server.wording import JsonType, nearest

Arguments = tuple[Any, ...]


def bind(method: Method, params: object) -> Arguments:
    """One argument per parameter of `method`, None for those that were left out.

    `params` is None or UNSET when the request has none. Raises InvalidParams on a wrong
    count, name or JSON type.
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
    return _by_position(method, params)


def positional_problem(method: Method, params: list[object]) -> str | None:
    """What is wrong with these params, written by position, if anything."""
    return _problem(method, _gathered(method, params))


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
            problem = _type_problem(method, parameter, named[parameter.name])
            if problem:
                raise InvalidParams(problem)
        elif parameter.required:
            raise InvalidParams(f'{method.name} needs the parameter "{parameter.name}"')
    return tuple(named.get(name) for name in names)


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
    for parameter, value in zip(method.parameters, own, strict=False):
        problem = _type_problem(method, parameter, value)
        if problem:
            return problem
    return None


def _type_problem(method: Method, parameter: Parameter, value: object) -> str | None:
    kind = JsonType.of(value)
    if kind in parameter.types or (kind is JsonType.NULL and not parameter.required):
        return None
    return f"{parameter.name} of {method.name} must be {parameter.expected}, not {kind.value}"


def _takes(method: Method) -> str:
    if not method.parameters:
        return f"{method.name} takes no parameters"
    names = [
        parameter.name if parameter.required else f"{parameter.name} (optional)"
        for parameter in method.parameters
    ]
    plural = "s" if len(names) > 1 else ""
    return f"{method.name} takes {len(names)} parameter{plural}: {', '.join(names)}"
