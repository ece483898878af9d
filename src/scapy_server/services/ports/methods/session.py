"""Getting to know each other, and hearing what happens."""

from __future__ import annotations

from typing import Any

from scapy_server.services.ports.control import Control
from scapy_server.services.ports.method import Method, Part
from scapy_server.services.ports.requests.reading import Fields
from scapy_server.services.ports.requests.refusals import NotExecuted

API_NAME, API_MAJOR, API_MINOR = "STL", 5, 1


def _api_sync_v2(control: Control, fields: Fields) -> dict[str, Any]:
    name, major, minor = fields.text("name"), fields.integer("major"), fields.integer("minor")
    if name != API_NAME:
        raise NotExecuted(
            f"RPC configuration mismatch - server RPC configuration: '{API_NAME}', "
            f"client RPC configuration: '{name}'"
        )
    if major != API_MAJOR or minor > API_MINOR:
        problem = (
            "RPC version mismatch: a newer client version is required"
            if major < API_MAJOR
            else "Version mismatch: your client version is too new to be supported by the server"
        )
        raise NotExecuted(
            f"{problem}\n(API type '{API_NAME}':  - server: '{API_MAJOR}.{API_MINOR}', "
            f"client: '{major}.{minor}')"
        )
    return {"api_h": control.api_handler}


def _api_sync(control: Control, fields: Fields) -> dict[str, Any]:
    versions = fields.objects("api_vers")
    if len(versions) != 1:
        raise NotExecuted("'api_vers' should be a list of size 1")
    kind = versions[0].choice("type", ("core",))
    versions[0].integer("major")
    versions[0].integer("minor")
    return {"api_vers": [{"type": kind, "api_h": control.api_handler}]}


def _publish_now(control: Control, fields: Fields) -> dict[str, Any]:
    fields.uint32("key")
    fields.boolean("baseline")
    control.doorbells += 1
    return {}


def _get_async_events(control: Control, fields: Fields) -> dict[str, Any]:
    return {"data": control.events.fetch(fields.uint32("session_id"), control.wall)}


METHODS = (
    Method("api_sync_v2", _api_sync_v2, "agree on the version of the interface", None),
    Method("api_sync", _api_sync, "the same, as old clients ask", None),
    Method("publish_now", _publish_now, "have the doorbell rung", Part.COMMON),
    Method(
        "get_async_events", _get_async_events, "fetch what has happened for a session", Part.COMMON
    ),
)
