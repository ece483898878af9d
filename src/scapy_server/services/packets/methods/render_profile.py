"""The packets of whole profiles, from the requests that start them.

Source: docs/profiles.md, "`render_profile`".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from scapy_server import limits
from scapy_server.engine.captures import Pcap
from scapy_server.errors import RefusedError, located, shown
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.tree.changes import changes
from scapy_server.rpc.method import Parameter
from scapy_server.schema.rendering import ProfileRate, ProfileResult, ProfileWarning, SentPacket
from scapy_server.schema.results import PacketResult
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.shapes import checked
from scapy_server.streams.records import Recorder
from scapy_server.streams.schedule import Block
from scapy_server.streams.simulation import (
    ended,
    facts,
    finish,
    page,
    simulated,
    simulator_setting,
)
from scapy_server.streams.traffic import DEFAULT_LINE, Traffic
from scapy_server.wording import JsonType


class Options(msgspec.Struct, frozen=True):
    """Which packets are asked for, and what sends them."""

    start: int = 0
    count: int = 100
    cores: int = 1
    limit: int | None = None
    speed: float = DEFAULT_LINE
    detail: Literal["bytes", "changes"] = "bytes"


def render_profile(
    core: Core, requests: list[Any], raw_options: dict[str, Any] | None
) -> ProfileResult:
    """The packets that the engine sends for an array of its own requests."""
    options = read_options(raw_options or {})
    setting = simulator_setting(options.cores, options.speed)
    traffic = simulated(requests, setting, options.limit)
    recorder = Recorder(traffic, Pcap())
    block = page(traffic, options.start, options.count)
    frames = recorder.frames(block)
    packets = [
        SentPacket(**fact, length=len(frame), binary=frame)
        for fact, frame in zip(facts(traffic, block), frames, strict=True)
    ]
    if options.detail == "changes":
        packets = list(_with_changes(core.codec, traffic, block, packets))
    finish(traffic)
    return ProfileResult(
        packets,
        list(ended(traffic)),
        [ProfileRate(s.profile.port, s.profile.name, **s.graph.report()) for s in traffic.started],
        list(_warnings(recorder)),
    )


def _with_changes(
    codec: PacketCodec, traffic: Traffic, block: Block, packets: list[SentPacket]
) -> Iterator[SentPacket]:
    """The packets with what differs from the stream's own packet instead of their bytes."""
    templates: dict[int, PacketResult] = {}
    layers = 0
    for number, packet in zip(block.flows.tolist(), packets, strict=True):
        stream = traffic.schedule.flows[number].share.stream
        with located(stream.place):
            if number not in templates:
                templates[number] = codec.dissect(stream.template)
            fields = codec.dissect(bytes(packet.binary or b""))
        layers += len(fields.data)
        limits.RENDERED_LAYERS.check(layers)
        found = changes(templates[number], fields)
        yield msgspec.structs.replace(packet, binary=msgspec.UNSET, changes=found)


def _warnings(recorder: Recorder) -> Iterator[ProfileWarning]:
    """What to know of the streams, each said once for all cores."""
    for started, stream, code, message in recorder.warnings():
        profile = started.profile
        yield ProfileWarning(profile.port, profile.name, stream.stream_id, code, message)


def read_options(raw: Mapping[str, Any]) -> Options:
    """The options of a call; raises InvalidParams and RefusedError."""
    options = checked(raw, Options)
    for name, least in (("start", 0), ("count", 0), ("cores", 1), ("limit", 1)):
        value = getattr(options, name)
        if value is not None and value < least:
            raise RefusedError(f"{name} must be at least {least}, not {value}")
    if not 0 < options.speed < MAXIMUM_SPEED:
        raise RefusedError(f"speed must be bits a second above 0, not {shown(options.speed)}")
    limits.RENDER_CORES.check(options.cores)
    changed = options.detail == "changes"
    (limits.RENDERED_TREES if changed else limits.RENDERED_PACKETS).check(options.count)
    return options


#: No line is that fast.
MAXIMUM_SPEED = 1e18

METHODS = (
    Method(
        "render_profile",
        render_profile,
        summary="Show packets that the engine will send for whole profiles.",
        result="packets (time, ns, port, profile, core, stream_id, length, and binary in base64 "
        "or changes), ended (by port, profile and core), rate (as the engine validates each "
        "profile), warnings",
        shape=ProfileResult,
        parameters=(
            Parameter(
                "requests",
                (JsonType.ARRAY,),
                "requests of the engine's RPC: add_stream, then start_traffic, then what acts at "
                "time 0",
            ),
            Parameter(
                "options",
                (JsonType.OBJECT, JsonType.NULL),
                "start (0), count (100), cores (1), limit (events until all is stopped), "
                'speed (1e10 bits a second), detail ("bytes" or "changes")',
                required=False,
            ),
        ),
        versioned=True,
    ),
)
