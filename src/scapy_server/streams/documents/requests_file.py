"""Arrays of the RPC's requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scapy_server.errors import located
from scapy_server.streams.documents.entries import Entry, ProfileDocument
from scapy_server.streams.members import Members
from scapy_server.streams.profile import DEFAULT_PROFILE


def is_requests(content: object) -> bool:
    """Whether a JSON document is an array of requests."""
    return (
        isinstance(content, list)
        and bool(content)
        and all(isinstance(item, Mapping) and "method" in item for item in content)
    )


def read_requests(content: Sequence[Any]) -> ProfileDocument:
    """The streams that the requests add, and all other requests; raises RefusedError."""
    entries, commands = [], []
    for number, request in enumerate(content):
        if request["method"] != "add_stream":
            commands.append(request)
            continue
        with located(f"request {number} (add_stream)"):
            params = Members(request.get("params"))
            entries.append(
                Entry(
                    params.whole("stream_id", "uint32"),
                    params.inner("stream").raw,
                    params.whole("port_id", "byte"),
                    params.text("profile_id", DEFAULT_PROFILE),
                )
            )
    return ProfileDocument(tuple(entries), tuple(commands), given=tuple(content))
