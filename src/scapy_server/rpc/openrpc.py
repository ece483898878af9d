"""The table of methods as an OpenRPC document, of which tools make clients and pages.

Source: OpenRPC 1.3.2, "OpenRPC Document Structure"; docs/wire.md, "Error codes".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from scapy_server.errors import (
    ErrorCode,
    ExpressionSyntaxError,
    InvalidParams,
    InvalidRequest,
    MethodNotFound,
    ParseError,
    RefusedError,
    ScapyServerError,
)
from scapy_server.rpc.method import Example, Method, Parameter
from scapy_server.wording import JsonType

OPENRPC_VERSION = "1.3.2"

_TYPES: Mapping[JsonType, str] = {
    JsonType.NULL: "null",
    JsonType.BOOLEAN: "boolean",
    JsonType.NUMBER: "number",
    JsonType.STRING: "string",
    JsonType.ARRAY: "array",
    JsonType.OBJECT: "object",
}

_ErrorClasses = tuple[type[ScapyServerError], ...]
_OF_MESSAGES: _ErrorClasses = (ParseError, InvalidRequest, MethodNotFound)
_OF_PARAMETERS: _ErrorClasses = (InvalidParams, ExpressionSyntaxError, RefusedError)
_BUG = {"UnknownError": {"code": int(ErrorCode.UNKNOWN_ERROR), "message": RefusedError.title}}


def document(
    title: str, version: str, methods: Sequence[Method], examples: Mapping[str, Example]
) -> dict[str, Any]:
    """The document of a service whose protocol has this version."""
    schemas = _Schemas()
    described = [_method(method, schemas, examples.get(method.name)) for method in methods]
    return {
        "openrpc": OPENRPC_VERSION,
        "info": {"title": title, "version": version},
        "methods": described,
        "components": {"schemas": schemas.named, "errors": _errors()},
    }


@dataclass
class _Schemas:
    """Schemas of types, of which those that have a name are gathered."""

    named: dict[str, Any] = field(default_factory=dict)

    def of(self, shape: Any) -> dict[str, Any]:
        """The schema of a type as msgspec reads it; a union may be of any types."""
        origin, parts = get_origin(shape), get_args(shape)
        if origin in (Union, UnionType):
            return {"anyOf": [self.of(part) for part in parts]}
        if origin is list:
            return {"type": "array", "items": self.of(parts[0])}
        (schema,), named = msgspec.json.schema_components(
            [shape], ref_template="#/components/schemas/{name}"
        )
        self.named.update(named)
        return schema


def _method(method: Method, schemas: _Schemas, example: Example | None) -> dict[str, Any]:
    errors = _OF_PARAMETERS if method.parameters else ()
    described: dict[str, Any] = {
        "name": method.name,
        "summary": method.summary,
        "paramStructure": "either",
        "params": [_parameter(parameter, schemas) for parameter in method.parameters],
        "result": {
            "name": "result",
            "description": method.result,
            "schema": schemas.of(method.shape),
        },
        "errors": [
            {"$ref": f"#/components/errors/{name}"}
            for name in (*(error.__name__ for error in errors), *_BUG)
        ],
    }
    if example is not None:
        described["examples"] = [_pairing(method, example)]
    return described


def _parameter(parameter: Parameter, schemas: _Schemas) -> dict[str, Any]:
    if parameter.shape is None:
        schema: dict[str, Any] = {"type": [_TYPES[json_type] for json_type in parameter.types]}
    else:
        schema = schemas.of(parameter.shape)
    return {
        "name": parameter.name,
        "description": parameter.help,
        "required": parameter.required,
        "schema": schema,
    }


def _pairing(method: Method, example: Example) -> dict[str, Any]:
    given = zip(method.names, example.params, strict=False)
    pairing: dict[str, Any] = {
        "name": method.name,
        "params": [{"name": name, "value": value} for name, value in given],
    }
    if not example.is_open:
        pairing["result"] = {"name": "result", "value": example.result}
    return pairing


def _errors() -> dict[str, Any]:
    known = {
        error.__name__: {"code": int(error.code), "message": error.title}
        for error in (*_OF_MESSAGES, *_OF_PARAMETERS)
    }
    return {**known, **_BUG}
