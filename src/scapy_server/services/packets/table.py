"""The table of all methods, in the order in which they are listed to clients."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from scapy_server import release, work
from scapy_server.errors import RefusedError, shown
from scapy_server.rpc import openrpc
from scapy_server.rpc.dispatcher import Dispatcher
from scapy_server.rpc.method import Parameter
from scapy_server.schema.methods import MethodDescription, ParameterDescription
from scapy_server.services.packets import first_version
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.dialects import FirstVersion, VersionHandler
from scapy_server.services.packets.examples import examples
from scapy_server.services.packets.method import Method
from scapy_server.services.packets.methods import (
    about,
    captures,
    catalog,
    expressions,
    field_engine,
    packets,
    render,
    render_profile,
    templates,
)
from scapy_server.services.packets.notes import note_of
from scapy_server.services.packets.refusals import refused_by_scapy
from scapy_server.wording import JsonType, nearest


def supported_methods(core: Core, method_name: str) -> dict[str, list[Any]] | bool:
    """Every method with the number and names of its parameters, or whether one exists."""
    if method_name == "all":
        return {method.name: [len(method.names), method.names] for method in METHODS}
    return any(method.name == method_name for method in METHODS)


def describe_method(core: Core, method_name: str) -> MethodDescription:
    """The entry of a method in the table."""
    return described(method_name)


def descriptions() -> list[MethodDescription]:
    """All entries of the table, in its order."""
    return [_description(method) for method in METHODS]


def described(method_name: str) -> MethodDescription:
    """The entry of a method; raises RefusedError with the nearest name."""
    by_name = {method.name: method for method in METHODS}
    method = by_name.get(method_name)
    if method is None:
        hint = nearest(method_name, by_name)
        raise RefusedError(f"there is no method {shown(method_name)}{hint}")
    return _description(method)


def _description(method: Method) -> MethodDescription:
    parameters = [
        ParameterDescription(parameter.name, parameter.expected, parameter.required, parameter.help)
        for parameter in method.parameters
    ]
    return MethodDescription(method.name, method.summary, parameters, method.result)


def discover(core: Core) -> msgspec.Raw:
    """The OpenRPC document of all methods."""
    return core.encoded.get("rpc.discover", _openrpc)


def _openrpc() -> dict[str, Any]:
    return openrpc.document("Scapy Server", release.PROTOCOL_VERSION, METHODS, examples())


METHODS = (
    Method(
        "supported_methods",
        supported_methods,
        summary="List the methods and their parameters, or tell whether one exists.",
        result='for "all" an object, from a method to [number, names] of its parameters; '
        "for a name true or false",
        shape=dict[str, tuple[int, list[str]]] | bool,
        parameters=(Parameter("method_name", (JsonType.STRING,), '"all", or a method\'s name'),),
        constant=True,
        quick=True,
    ),
    Method(
        "describe_method",
        describe_method,
        summary="Describe a method.",
        result="an object: name, summary, parameters (name, types, required, help), result",
        shape=MethodDescription,
        parameters=(Parameter("method_name", (JsonType.STRING,), "the method's name"),),
        constant=True,
    ),
    Method(
        "rpc.discover",
        discover,
        summary="Describe all methods in an OpenRPC document.",
        result="the document: openrpc, info, methods, components (schemas and errors)",
        shape=dict[str, Any],
        constant=True,
    ),
    *about.METHODS,
    *catalog.METHODS,
    *packets.METHODS,
    *field_engine.METHODS,
    *render.METHODS,
    *render_profile.METHODS,
    *captures.METHODS,
    *templates.METHODS,
    *expressions.METHODS,
    *first_version.METHODS,
)

#: How else calls may be written, in the order in which that is tried.
DIALECTS = (
    FirstVersion(first_version.DIALECT),
    VersionHandler(
        about.VERSION_HANDLER, frozenset(method.name for method in METHODS if method.versioned)
    ),
)


def dispatcher(
    core: Core, around: Callable[[], AbstractContextManager[None]] = work.request
) -> Dispatcher:
    """All methods over a core; `around` counts what each request costs."""
    return Dispatcher(METHODS, core, DIALECTS, note_of, around=around, refuses=refused_by_scapy)
