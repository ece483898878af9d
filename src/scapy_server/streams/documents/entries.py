"""The streams of a file, as JSON of the engine's RPC, with where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scapy_server.streams.profile import DEFAULT_PROFILE
from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.stream import Stream

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """A stream of a profile of a port; `raw` is what `add_stream` takes as `stream`."""

    stream_id: int
    raw: Raw
    port: int = 0
    profile: str = DEFAULT_PROFILE

    @property
    def request(self) -> dict[str, Any]:
        """The request that adds it."""
        params = {"port_id": self.port, "profile_id": self.profile, "stream_id": self.stream_id}
        return {"method": "add_stream", "params": params | {"stream": dict(self.raw)}}

    def stream(self) -> Stream:
        """The stream itself, on a port that is able to all; raises StreamRefused."""
        pinned = self.raw.get("core_id")
        cores = pinned + 1 if isinstance(pinned, int) and pinned > 0 else 1
        able = Capabilities(cores, tpg=True, ieee_1588=True)
        return read_stream(self.stream_id, self.raw, able)


@dataclass(frozen=True)
class ProfileDocument:
    """Streams in the order of adding, and the requests that follow them, if there are any.

    `notes` say what the file held that streams cannot; `given` are all requests as they stood
    in the file, if it held any.
    """

    entries: tuple[Entry, ...]
    commands: tuple[Raw, ...] = ()
    notes: tuple[str, ...] = ()
    given: tuple[Raw, ...] = ()

    @property
    def requests(self) -> list[Raw]:
        """All requests, in their order; where none were given, those that add streams."""
        return list(self.given) or [*(entry.request for entry in self.entries), *self.commands]

    def seeded(self, seed: int) -> ProfileDocument:
        """The same, with random numbers of all streams starting at this seed."""
        entries = tuple(replace(e, raw={**e.raw, "random_seed": seed}) for e in self.entries)
        adding = iter(entries)
        given = tuple(
            next(adding).request if request["method"] == "add_stream" else request
            for request in self.given
        )
        return replace(self, entries=entries, given=given)

    @property
    def single_profile(self) -> bool:
        """Whether all streams belong to one profile of one port."""
        return len({(entry.port, entry.profile) for entry in self.entries}) <= 1

    @property
    def port(self) -> int:
        """The port of the (first) profile."""
        return self.entries[0].port if self.entries else 0
