"""Packets that a stream or a profile sends.

Source: docs/rendering.md, "What is rendered"; docs/profiles.md, "`render_profile`".
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.schema.programs import Count, ProgramWarning
from scapy_server.schema.results import LayerResult, ResultValue


class Change(msgspec.Struct, frozen=True):
    """A field whose value is not the template's; `offset` counts bytes of the packet."""

    layer: str
    field: str
    offset: int
    value: ResultValue
    hvalue: str


class RenderedPacket(msgspec.Struct, frozen=True, omit_defaults=True):
    """Packet number `index` of a stream; `binary` is base64, `data` its field tree."""

    index: int
    binary: bytes
    length: int
    changes: list[Change] | msgspec.UnsetType = msgspec.UNSET
    data: list[LayerResult] | msgspec.UnsetType = msgspec.UNSET


class RenderResult(msgspec.Struct, frozen=True):
    """Packets of a stream, which repeats every `period` packets after `lead` ones.

    Both are None if a variable overflows too irregularly to tell.
    """

    packets: list[RenderedPacket]
    lead: Count
    period: Count
    warnings: list[ProgramWarning]


class SentPacket(msgspec.Struct, frozen=True, omit_defaults=True):
    """A packet with the stream that sends it; `ns` is `time` in whole nanoseconds."""

    time: float
    ns: int
    port: int
    profile: str
    core: int
    stream_id: int
    length: int
    binary: bytes | msgspec.UnsetType = msgspec.UNSET
    changes: list[Change] | msgspec.UnsetType = msgspec.UNSET


class ProfileWarning(msgspec.Struct, frozen=True):
    """What to know of how a stream is rendered."""

    port: int
    profile: str
    stream_id: int
    code: str
    message: str


class ProfileRate(msgspec.Struct, frozen=True):
    """What the engine's `validate` answers for a started profile."""

    port: int
    profile: str
    rate: dict[str, float]
    graph: dict[str, Any]


class ProfileResult(msgspec.Struct, frozen=True):
    """Some packets of all started profiles together, and when those end."""

    packets: list[SentPacket]
    ended: list[dict[str, Any]]
    rate: list[ProfileRate]
    warnings: list[ProfileWarning]
