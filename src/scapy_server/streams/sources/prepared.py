"""A packet built and its program compiled, from what a request or a file says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from scapy_server import limits
from scapy_server.errors import InvalidParams, RefusedError, located
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.programs import requests
from scapy_server.programs.compiled import Compiled
from scapy_server.programs.parameters import Context
from scapy_server.schema.programs import ProgramWarning
from scapy_server.wording import check_members, decode_base64


@dataclass(frozen=True)
class Prepared:
    """A packet with its compiled program; `compiled` is None for a program given as a vm."""

    packet: BuiltPacket
    vm: Mapping[str, Any]
    compiled: Compiled | None
    warnings: tuple[ProgramWarning, ...] = ()


def prepare(codec: PacketCodec, source: object, program: object) -> Prepared:
    """Build the packet and compile the program; raises RefusedError or InvalidParams."""
    packet = _packet(codec, source)
    if program is None:
        return Prepared(packet, {}, None)
    if not isinstance(program, dict) or len(program.keys() & {"field_engine", "vm"}) != 1:
        raise InvalidParams('program must be {"field_engine": {…}} or {"vm": {…}}')
    if "vm" in program:
        check_members(program, ("vm",), "a program")
        vm = program["vm"]
        return Prepared(packet, {} if vm is None else vm, None)
    request = requests.parse_request(program)
    outcome = requests.run(request, packet, program_context(codec.registry, packet))
    if outcome.error is not None:
        raise RefusedError(outcome.error)
    return Prepared(packet, outcome.vm, outcome.compiled, tuple(outcome.warnings))


def program_context(registry: Registry, packet: BuiltPacket) -> Context:
    """What reading a program over the packet may ask."""
    return Context(packet, partial(evaluate, registry=registry), registry.current_field_id)


def _packet(codec: PacketCodec, source: object) -> BuiltPacket:
    if isinstance(source, list):
        with located("source"):
            return codec.place(parse_model(source, codec.registry))
    binary = source.get("binary") if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(binary, str):
        raise InvalidParams('source must be a packet model or {"binary": base64}')
    with located("source"):
        check_members(source, ("binary",), "a source")
        frame = decode_base64(binary, "binary")
        limits.FIELD_ENGINE_FRAME_BYTES.check(len(frame))
        return described(codec, frame)


def described(codec: PacketCodec, frame: bytes) -> BuiltPacket:
    """A frame as it is, with the layout of the layers that are seen in it."""
    if not frame:
        raise RefusedError("an empty packet cannot be sent")
    return BuiltPacket(frame, codec.reconstructed(frame, ()).layout().layers)
