"""Programs that vary a packet: compiled with it, explained, and read back.

Source: RPC document, "Build Packet and VM instructions", "Field Engine VM instruction
model"; docs/wire.md, "Field Engine".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.packet.models.model import parse_model
from scapy_server.programs import catalogue, requests
from scapy_server.programs.catalogue import ModelLayer
from scapy_server.programs.decompile import decompile
from scapy_server.rpc import Noted
from scapy_server.rpc.method import Parameter
from scapy_server.schema.methods import ParameterChoices
from scapy_server.schema.models import PacketModel
from scapy_server.schema.programs import Explanation, ProgramResult, ReadProgram
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.method import Method
from scapy_server.streams.sources.prepared import program_context
from scapy_server.wording import JsonType, decode_base64

NO_PACKET = BuiltPacket(b"", ())


def build_pkt_ex(
    core: Core, raw_model: list[Any], extra_options: dict[str, Any] | None
) -> ProgramResult | Noted[msgspec.Raw]:
    """The packet that the model describes, and its program compiled."""
    request = requests.parse_request(extra_options)
    if not request.instructions:  # as an editor asks with every change of a field
        outcome = requests.run(request, NO_PACKET, program_context(core.registry, NO_PACKET))
        member = msgspec.json.encode({"field_engine": outcome.to_result()})
        answer = core.builder.build(raw_model)
        return Noted(msgspec.Raw(answer.json[:-1] + b"," + member[1:]), answer.learned)
    tree = core.codec.built(parse_model(raw_model, core.registry))
    result, packet = tree.result(), tree.layout()
    outcome = requests.run(request, packet, program_context(core.registry, packet))
    return ProgramResult(
        result.data, result.binary, result.problem, field_engine=outcome.to_result()
    )


def explain_program(
    core: Core, raw_model: list[Any], extra_options: dict[str, Any] | None
) -> Explanation:
    """What the program does to the packet, in words and numbers."""
    request = requests.parse_request(extra_options)
    packet = core.codec.place(parse_model(raw_model, core.registry))
    outcome = requests.run(request, packet, program_context(core.registry, packet))
    return requests.explained(outcome, packet)


def decompile_vm_raw(
    core: Core, binary: str, vm: dict[str, Any], names: bool | None
) -> ReadProgram:
    """The program that compiles to the VM, its offsets as numbers or as names of the frame."""
    frame = decode_base64(binary, "pkt_binary")
    packet = core.codec.reconstructed(frame, ()).layout() if frame else None
    return decompile(vm, packet, names=bool(names))


def load_instruction_parameter_values(
    core: Core, raw_model: list[Any] | None, program: object, parameter_id: str
) -> ParameterChoices:
    """The values to offer for a parameter of an instruction; layers unknown are left out."""
    layers = [
        ModelLayer(facts.id, [field.id for field in facts.fields], _family(facts.cls))
        for facts in (
            core.registry.layer(item["id"])
            for item in raw_model or []
            if isinstance(item, dict)
            and isinstance(item.get("id"), str)
            and item["id"] in core.registry
        )
    ]
    return ParameterChoices(catalogue.choices(parameter_id, layers, _instructions(program)))


def _family(cls: type) -> list[str]:
    return [base.__name__ for base in cls.__mro__]


def _instructions(program: object) -> list[Mapping[str, Any]]:
    """The instructions in a program, whether wrapped as for build_pkt_ex or bare."""
    for member in ("field_engine", "instructions"):
        if isinstance(program, dict) and member in program:
            program = program[member]
    items = program if isinstance(program, list) else []
    return [item for item in items if isinstance(item, dict)]


_MODEL = Parameter(
    "pkt_descriptor",
    (JsonType.ARRAY,),
    "the packet model, an array of layers",
    shape=PacketModel,
)
_PROGRAM = Parameter(
    "extra_options",
    (JsonType.OBJECT, JsonType.NULL),
    'the program: {"field_engine": {"instructions": […], "global_parameters": {…}}}',
    required=False,
)

METHODS = (
    Method(
        "build_pkt_ex",
        build_pkt_ex,
        summary="Build a packet and compile its Field Engine program.",
        result="a packet, with field_engine: instructions (the VM), error (null when fine), "
        "warnings (instruction, code, message), vm_instructions_expressions",
        shape=ProgramResult,
        parameters=(_MODEL, _PROGRAM),
        versioned=True,
    ),
    Method(
        "explain_program",
        explain_program,
        summary="Say what a Field Engine program does to a packet.",
        result="an object: error, warnings, instructions (a sentence each), variables "
        "(distinct_values each), period, lead, distinct_packets, distinct_flows, exact, summary",
        shape=Explanation,
        parameters=(_MODEL, _PROGRAM),
        versioned=True,
    ),
    Method(
        "decompile_vm_raw",
        decompile_vm_raw,
        summary="Turn a VM back into a Field Engine program.",
        result="an object: instructions (id and parameters, extra where the VM holds more), "
        "global_parameters where the VM has a cache, warnings",
        shape=ReadProgram,
        parameters=(
            Parameter("pkt_binary", (JsonType.STRING,), "the frame in base64, may be empty"),
            Parameter("vm_raw", (JsonType.OBJECT,), "the VM: instructions and cache"),
            Parameter(
                "names",
                (JsonType.BOOLEAN, JsonType.NULL),
                "true: offsets as names of fields and layers (IP.src) where the frame has them; "
                "otherwise as byte numbers",
                required=False,
            ),
        ),
        versioned=True,
    ),
    Method(
        "load_instruction_parameter_values",
        load_instruction_parameter_values,
        summary="List the values to offer for a parameter of a Field Engine instruction.",
        result="an object: map, from value to label",
        shape=ParameterChoices,
        parameters=(
            Parameter("pkt_model_descriptor", (JsonType.ARRAY, JsonType.NULL), "the packet model"),
            Parameter(
                "vm_instructions_model",
                (JsonType.OBJECT, JsonType.ARRAY, JsonType.NULL),
                "the program so far, as for build_pkt_ex",
            ),
            Parameter("parameter_id", (JsonType.STRING,), "the id of the parameter"),
        ),
        versioned=True,
    ),
)
