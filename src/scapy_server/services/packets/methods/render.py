"""The packets that a program will send.

Source: docs/rendering.md, "What is rendered".
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from scapy_server import limits
from scapy_server.engine.renderer import END_OF_STREAM, Renderer
from scapy_server.errors import RefusedError, located
from scapy_server.numbers import json_count
from scapy_server.packet.tree.changes import changes
from scapy_server.rpc.method import Parameter
from scapy_server.schema.programs import ProgramWarning
from scapy_server.schema.rendering import RenderedPacket, RenderResult
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.shapes import checked
from scapy_server.streams.sources.prepared import prepare
from scapy_server.wording import JsonType


class Options(msgspec.Struct, frozen=True):
    """What of a stream to render, and how."""

    start: int = 0
    count: int = 10
    random_seed: int | None = None
    cores: int = 1
    detail: Literal["bytes", "changes", "tree"] = "bytes"


def render_packets(
    core: Core,
    source: list[Any] | dict[str, Any],
    program: dict[str, Any] | None,
    raw_options: dict[str, Any] | None,
) -> RenderResult:
    """The packets that the engine sends for the program over the packet."""
    options = _options(raw_options or {})
    prepared = prepare(core.codec, source, program)
    renderer = Renderer(
        prepared.packet.frame,
        prepared.vm,
        random_seed=options.random_seed,
        cores=options.cores,
    )
    rows, lengths = renderer.block(options.start, options.count)
    frames = [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]
    template = core.codec.dissect(renderer.template) if options.detail == "changes" else None
    packets = []
    layers = 0
    for index, frame in enumerate(frames, options.start):
        packet = RenderedPacket(index, frame, len(frame))
        if options.detail != "bytes":
            with located(f"packet {index}"):
                fields = core.codec.dissect(frame)
            layers += len(fields.data)
            limits.RENDERED_LAYERS.check(layers)
            packet = (
                msgspec.structs.replace(packet, data=fields.data)
                if template is None
                else msgspec.structs.replace(packet, changes=changes(template, fields))
            )
        packets.append(packet)
    lead, period = map(json_count, renderer.cycle or (None, None))
    own = [ProgramWarning(None, code, text) for code, text in renderer.warnings.items()]
    known = {warning.code for warning in prepared.warnings}
    own = [warning for warning in own if warning.code not in known]
    return RenderResult(packets, lead, period, [*prepared.warnings, *own])


def _options(raw: dict[str, Any]) -> Options:
    options = checked(raw, Options)
    if not 0 <= options.start < END_OF_STREAM:
        raise RefusedError(f"start must be from 0 to 2**63 - 1, not {options.start}")
    if options.count < 0:
        raise RefusedError(f"count must not be negative, as {options.count} is")
    if options.start + options.count > END_OF_STREAM:
        raise RefusedError("start + count must be at most 2**63: later packets have no number")
    whole = options.detail == "bytes"
    (limits.RENDERED_PACKETS if whole else limits.RENDERED_TREES).check(options.count)
    return options


METHODS = (
    Method(
        "render_packets",
        render_packets,
        summary="Show packets that the engine will send for a program.",
        result="packets (index, binary in base64, length, and changes or data if asked for), "
        "lead and period (packets before the stream repeats, and then every how many), "
        "warnings",
        shape=RenderResult,
        parameters=(
            Parameter(
                "source",
                (JsonType.ARRAY, JsonType.OBJECT),
                'the packet to vary: a packet model, or {"binary": base64}',
            ),
            Parameter(
                "program",
                (JsonType.OBJECT, JsonType.NULL),
                'the program: {"field_engine": {…}} as in build_pkt_ex, or {"vm": {…}} compiled',
                required=False,
            ),
            Parameter(
                "options",
                (JsonType.OBJECT, JsonType.NULL),
                "start (0), count (10), random_seed, cores (1), "
                'detail ("bytes", "changes" or "tree")',
                required=False,
            ),
        ),
        versioned=True,
    ),
)
