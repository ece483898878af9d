"""Stands in for the module that the original's unit tests import, over a running server.

`SCAPY_SERVER` says where it listens.
"""

from __future__ import annotations

import base64
import os
import sys
from typing import Any

import scapy.data

from scapy_server import Client

# The Scapy of these tests has the table by name, and they ask it whether a name is known.
_ether_types: dict[Any, Any] = scapy.data.ETHER_TYPES.d
_ether_types["IPv4"] = 0x0800

_client = Client(os.environ["SCAPY_SERVER"])


class Scapy_service:  # noqa: N801 (the name that the tests know)
    """The service's methods, called as the original's are: with the version handler first."""

    def get_version_handler(self, major: str, minor: str) -> Any:
        return _client.call("get_version_handler", major, minor)

    def __getattr__(self, method: str) -> Any:
        return lambda handler, *params: _client.call(method, handler, *map(_as_text, params))

    def _pkt_to_field_tree(self, packet: Any) -> Any:
        return _client.call("reconstruct_pkt", bytes_to_b64(bytes(packet)), [])


def _as_text(param: Any) -> Any:
    """Base64 that a test has as bytes, which JSON does not know."""
    return param.decode() if isinstance(param, bytes) else param


def is_python(version: int) -> bool:
    return sys.version_info[0] == version


def bytes_to_b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def b64_to_bytes(text: str) -> bytes:
    return base64.b64decode(text)


def generate_bytes(definition: dict[str, Any]) -> bytes:
    """What a payload holds that is described so."""
    load = {"vtype": "BYTES", **definition}
    model = [{"id": "Raw", "fields": [{"id": "load", "value": load}]}]
    return b64_to_bytes(_client.call("build_pkt", model)["binary"])


def generate_bytes_from_template(size: int, template: bytes) -> bytes:
    return generate_bytes(
        {"generate": "template", "template_base64": bytes_to_b64(template), "size": size}
    )


def parse_template_code(code: str) -> bytes:
    return generate_bytes({"generate": "template_code", "template_code": code})
