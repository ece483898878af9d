"""What the tests of the Field Engine share: packets, compiling, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from scapy_server.errors import ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.programs.compile import compile_program
from scapy_server.programs.compiled import Compiled
from scapy_server.programs.decompile import decompile
from scapy_server.programs.parameters import Context
from scapy_server.programs.program import parse_request, read_program
from scapy_server.schema.programs import ReadInstruction

Given = tuple[str, Mapping[str, Any]]


def build(registry: Registry, *layers: str | dict[str, Any]) -> BuiltPacket:
    """A packet from layer ids and layers; `{"IP": {"ttl": 3}}` gives fields."""
    model: list[dict[str, Any]] = []
    for layer in layers:
        if isinstance(layer, str):
            model.append({"id": layer})
        else:
            ((layer_id, fields),) = layer.items()
            values = [{"id": name, "value": value} for name, value in fields.items()]
            model.append({"id": layer_id, "fields": values})
    return PacketCodec(registry).place(parse_model(model, registry))


def request(instructions: Sequence[Given], cache: object = None) -> dict[str, Any]:
    items = [{"id": name, "parameters": dict(parameters)} for name, parameters in instructions]
    return {"field_engine": {"instructions": items, "global_parameters": {"cache_size": cache}}}


def context_of(registry: Registry, packet: BuiltPacket | None) -> Context:
    return Context(packet, lambda source: evaluate(source, registry), registry.current_field_id)


def compiled(
    registry: Registry,
    instructions: Sequence[Given],
    packet: BuiltPacket | None,
    cache: object = None,
) -> Compiled:
    context = context_of(registry, packet)
    program = read_program(parse_request(request(instructions, cache)), context)
    return compile_program(program, packet)


def refusal(
    registry: Registry,
    instructions: Sequence[Given],
    packet: BuiltPacket | None,
    cache: object = None,
) -> str | None:
    """The sentence of the refusal, with its places; None when the program compiles."""
    try:
        compiled(registry, instructions, packet, cache)
    except ScapyServerError as error:
        return ": ".join(part for part in (", ".join(error.where), error.problem) if part)
    return None


@dataclass(frozen=True)
class Case:
    """An instruction with its parameters, its VM form, and the parameters that come back.

    `others` come with it in the program: the variables that it uses.
    """

    id: str
    given: Mapping[str, Any]
    vm: Mapping[str, Any]
    back: Mapping[str, Any]
    others: Sequence[Given] = ()


def check_case(registry: Registry, case: Case, packet: BuiltPacket) -> None:
    """Compile, compare, decompile, compare, and compile what came back."""
    program = [(case.id, case.given), *case.others]
    vm = compiled(registry, program, packet).raw
    assert dict(case.vm) in vm["instructions"], vm
    index = vm["instructions"].index(dict(case.vm))
    assert list(vm["instructions"][index]) == list(case.vm)  # in the library's order
    decompiled = decompile(vm, packet, names=True)
    assert decompiled.warnings == []
    assert decompiled.instructions[index] == ReadInstruction(case.id, dict(case.back))
    again = parse_request({"field_engine": msgspec.to_builtins(decompiled)})
    context = context_of(registry, packet)
    assert compile_program(read_program(again, context), packet).raw == vm
