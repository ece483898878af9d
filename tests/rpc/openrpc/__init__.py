"""Judges of OpenRPC documents: the meta-schema, and the schemas in the documents themselves.

`meta_schema.json` is that of OpenRPC 1.3.2, from the npm package `@open-rpc/meta-schema` 1.14.9,
and `json_schema.json`, to which it refers, that of `@json-schema-tools/meta-schema` 1.8.0 (both
Apache License 2.0, `LICENSE.md`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

_HERE = Path(__file__).parent
_META_SCHEMA = json.loads((_HERE / "meta_schema.json").read_text())
_JSON_SCHEMA = DRAFT7.create_resource(json.loads((_HERE / "json_schema.json").read_text()))
_PLACES = ("https://meta.json-schema.tools", "https://meta.json-schema.tools/")
_REGISTRY: Registry[Any] = Registry().with_resources((place, _JSON_SCHEMA) for place in _PLACES)


def faults(document: dict[str, Any]) -> list[str]:
    """What the meta-schema finds wrong with a document."""
    validator = Draft7Validator(_META_SCHEMA, registry=_REGISTRY)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def misfits(document: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """What is wrong with a value for one of the document's schemas."""
    whole = {**schema, "components": document["components"]}
    Draft202012Validator.check_schema(whole)
    errors = Draft202012Validator(whole).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in errors]
