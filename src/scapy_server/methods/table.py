"""The table of all methods, in the order in which they are listed to clients."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scapy_server.methods import (
    about,
    captures,
    catalog,
    expressions,
    field_engine,
    first_version,
    packets,
    render,
    templates,
)
from scapy_server.methods.core import Core
from scapy_server.methods.notes import note_of
from scapy_server.rpc.dispatcher import Dispatcher
from scapy_server.rpc.method import JsonType, Method, Parameter


def supported_methods(core: Core, method_name: str) -> dict[str, list[Any]] | bool:
    """Every method with the number and names of its parameters, or whether one exists."""
    if method_name == "all":
        return {method.name: [len(method.names), method.names] for method in METHODS}
    return any(method.name == method_name for method in METHODS)


_METHODS = (
    Method(
        "supported_methods",
        supported_methods,
        summary="List the methods and their parameters, or tell whether one exists.",
        result='for "all" an object, from a method to [number, names] of its parameters; '
        "for a name true or false",
        parameters=(Parameter("method_name", (JsonType.STRING,), '"all", or a method\'s name'),),
        constant=True,
    ),
    *about.METHODS,
    *catalog.METHODS,
    *packets.METHODS,
    *field_engine.METHODS,
    *render.METHODS,
    *captures.METHODS,
    *templates.METHODS,
    *expressions.METHODS,
    *first_version.METHODS,
)

METHODS = tuple(
    replace(method, first_version=first_version.DIALECT.get(method.name)) for method in _METHODS
)


def dispatcher(core: Core) -> Dispatcher:
    """All methods over a core."""
    return Dispatcher(METHODS, core, about.VERSION_HANDLER, note_of)
