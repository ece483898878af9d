"""What clients ask of the server itself.

Source: RPC document, "Get Version" and "Shutting down"; docs/wire.md, "Transport and
handshake".
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, NoReturn

from scapy_server import release
from scapy_server.errors import RefusedError, shown
from scapy_server.rpc.method import Parameter
from scapy_server.schema.methods import Version
from scapy_server.schema.status import ServerStatus
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType

if TYPE_CHECKING:  # the front asks this module about its own methods, and has no packet code
    from scapy_server.services.packets.core import Core


def _handler_of(major: str, minor: str) -> str:
    digest = hashlib.md5((major + minor + major + minor).encode(), usedforsecurity=False)
    return base64.b64encode(digest.digest()).decode("ascii")


_MAJOR, _MINOR = release.PROTOCOL_VERSION.split(".")

#: What `get_version_handler` issues; a check of the version, no secret and no session.
VERSION_HANDLER = _handler_of(_MAJOR, _MINOR)


def get_version(core: Core) -> Version:
    """The protocol version, and what else tells one server from another."""
    return Version(
        version=release.PROTOCOL_VERSION,
        built_by=release.BUILT_BY,
        build_date=release.BUILD_DATE,
        build_time=release.BUILD_TIME,
        server_version=release.VERSION,
        scapy_version=core.scapy_version,
    )


def get_version_handler(core: Core, major: str, minor: str) -> str:
    """The handler of the version, which must be the one that `get_version` reports."""
    if (major, minor) != (_MAJOR, _MINOR):
        raise RefusedError(
            f"version {shown(f'{major}.{minor}')} is not served here; "
            f"this server speaks {release.PROTOCOL_VERSION}"
        )
    return VERSION_HANDLER


def ping(core: Core) -> dict[str, str]:
    """An empty answer."""
    return {}


def shut_down(core: Core) -> str:
    """A last word; the server ends when it is sent."""
    return "Server is shutting down"


def server_status(core: Core) -> NoReturn:
    """Only the front of a running server knows; it answers before a request gets here."""
    raise RefusedError("there is no server here whose status could be told")


SERVER_STATUS = Method(
    "server_status",
    server_status,
    summary="Tell how the server is doing: workers, queue, totals, latencies, restarts.",
    result="an object: server_version, pid, uptime_seconds, memory_bytes, workers, queue, "
    "requests, errors, methods, restarts and more (docs/operation.md)",
    shape=ServerStatus,
    versioned=True,
    quick=True,
)
SHUT_DOWN = Method(
    "shut_down",
    shut_down,
    summary="End the server. Parameters are ignored.",
    result="a sentence",
    shape=str,
    ignores_params=True,
    ends_service=True,
    quick=True,
    repeatable=False,
)

METHODS = (
    Method(
        "get_version",
        get_version,
        summary="Tell the version of the protocol, the server and Scapy.",
        result="an object of strings: version (of the protocol), built_by, build_date, "
        "build_time, server_version, scapy_version",
        shape=Version,
        constant=True,
        quick=True,
    ),
    Method(
        "get_version_handler",
        get_version_handler,
        summary="Issue the version handler that may be sent first in params.",
        result="the handler, a string",
        shape=str,
        parameters=(
            Parameter("client_v_major", (JsonType.STRING,), "version up to the dot: 1"),
            Parameter("client_v_minor", (JsonType.STRING,), "version behind the dot: 02"),
        ),
        constant=True,
        quick=True,
    ),
    Method(
        "ping",
        ping,
        summary="Answer, to show that the server is there.",
        result="{}",
        shape=dict[str, str],
        quick=True,
    ),
    SERVER_STATUS,
    SHUT_DOWN,
)
