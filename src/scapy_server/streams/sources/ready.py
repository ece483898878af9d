"""A source made ready to render: what `render` and `preview` share."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from scapy_server.engine.jobs import Stream
from scapy_server.engine.variation import Variation
from scapy_server.engine.vm import parse_vm
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.loading import modules
from scapy_server.packet.packets_as_text import model_of, packet_of
from scapy_server.schema.programs import ProgramWarning
from scapy_server.streams.sources.files import read_source
from scapy_server.streams.sources.given import Expression, GivenStream, Selection
from scapy_server.streams.sources.prepared import Prepared, described, prepare


@cache
def loaded_codec() -> PacketCodec:
    """The codec of all layers, loaded when they are first needed."""
    return PacketCodec(modules.load())


@dataclass(frozen=True)
class ReadyStream:
    """A stream that can be rendered; `gap` is in seconds, `warnings` are sentences."""

    stream: Stream
    warnings: list[str]
    gap: Fraction | None
    count: int | None
    prepared: Prepared | None

    def packet(self) -> BuiltPacket:
        """The packet with its layout."""
        if self.prepared is not None:
            return self.prepared.packet
        return described(loaded_codec(), self.stream.template)

    def variation(self) -> Variation:
        """What varies in its packets, as one core sends them."""
        return Variation.of(parse_vm(self.stream.vm), self.stream.template)


def ready(
    source: str, selection: Selection, stdin: Callable[[], bytes] = lambda: b""
) -> ReadyStream:
    """Read a source and make it ready; raises ScapyServerError. `stdin` is as `read_source`'s."""
    given = read_source(source, selection, stdin)
    template, vm, prepared = _template_and_vm(given)
    seed = selection.seed if selection.seed is not None else given.random_seed
    stream = Stream(template, vm, seed, selection.cores, selection.hardware or "complete")
    renderer = stream.renderer()
    warnings = given.notes_for(selection.cores)
    if prepared is not None:
        warnings += map(sentence_of, prepared.warnings)
    warnings += renderer.warnings.values()
    return ReadyStream(stream, warnings, given.gap(renderer.length), given.count, prepared)


def sentence_of(warning: ProgramWarning) -> str:
    """A warning of a program as people read it."""
    where = "" if warning.instruction is None else f"instruction {warning.instruction}: "
    return where + warning.message


def _template_and_vm(given: GivenStream) -> tuple[bytes, Any, Prepared | None]:
    """The packet and compiled program; Scapy is only loaded where they must be built."""
    program = given.program or {}
    frame = _frame(given.source)
    if frame is not None and "field_engine" not in program:
        return frame, program.get("vm"), None
    source = given.source
    if isinstance(source, Expression):
        registry = loaded_codec().registry
        source = model_of(packet_of(source.text, registry), registry)
    if frame is not None:
        source = {"binary": base64.b64encode(frame).decode("ascii")}
    prepared = prepare(loaded_codec(), source, given.program)
    return prepared.packet.frame, prepared.vm, prepared


def _frame(source: Any) -> bytes | None:
    if not isinstance(source, dict):
        return None
    if "frame" in source:
        return bytes(source["frame"])
    try:
        return base64.b64decode(source["binary"], validate=True)
    except (KeyError, TypeError, ValueError):
        return None
