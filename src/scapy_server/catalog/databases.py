"""The databases of `get_all`, with the checksums by which clients see that they changed.

Source: RPC document, "GetAll" and "Check if Database is updated".
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property

from scapy_server.catalog.describe import MAC_REGEX
from scapy_server.packet.layers.registry import Registry

_BYTE_REGEX = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"

#: The field classes with a pattern; every other one is reported as `empty`.
REGEXES: Mapping[str, str] = {
    "MACField": MAC_REGEX,
    "IPField": rf"^({_BYTE_REGEX}\.){{3}}{_BYTE_REGEX}$",
}


class Databases:
    """Both databases; equal on every host, in every process with the same layers."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    @cached_property
    def protocols(self) -> dict[str, list[list[str]]]:
        """Layer id → `[field, field class, default]` per field in wire order.

        The default is the documents' parenthesised Python text: `('0.0.0.0')`.
        """
        return {
            layer.id: [
                [field.id, field.class_name, f"({field.default_text})"] for field in layer.fields
            ]
            for layer in self._registry
        }

    @cached_property
    def fields(self) -> dict[str, str]:
        """Field class → regular expression of its values, or `empty`."""
        used = {name for fields in self.protocols.values() for _, name, _ in fields}
        return {name: REGEXES.get(name, "empty") for name in sorted(used)}

    @cached_property
    def protocols_md5(self) -> str:
        """Base64 of the MD5 of `protocols`, without a line feed."""
        return _md5(self.protocols)

    @cached_property
    def fields_md5(self) -> str:
        """Base64 of the MD5 of `fields`, without a line feed."""
        return _md5(self.fields)


def _md5(database: object) -> str:
    """Of the canonical JSON text: members sorted, no spaces."""
    text = json.dumps(database, sort_keys=True, separators=(",", ":")).encode()
    return base64.b64encode(hashlib.md5(text, usedforsecurity=False).digest()).decode("ascii")
