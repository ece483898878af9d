"""A VM becomes a program again: instructions with named parameters.

What is given back compiles to the same VM;
where that cannot be (another order than the compiler's, values that the engine refuses)
a warning says so.

Source: docs/engine.md, "What is refused".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.engine.vm import Vm, VmInstruction, parse_instruction, parse_vm
from scapy_server.errors import InvalidParams, RefusedError, ScapyServerError, shown
from scapy_server.numbers import whole_number
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compile import compile_program
from scapy_server.programs.instructions import BY_VM, VmContext
from scapy_server.programs.parameters import Context
from scapy_server.programs.program import parse_request, read_program
from scapy_server.schema.programs import ProgramWarning, ReadInstruction, ReadProgram
from scapy_server.wording import json_type

#: What the engine wants said, and stored programs leave out.
_LEFT_OUT: Mapping[str, object] = {
    "flags": 0,
    "shift": 0,
    "add_value": 0,
    "is_big_endian": True,
}
_TEXTS = ("type", "name", "op", "next_var")


def decompile(
    vm: Mapping[str, object], packet: BuiltPacket | None, *, names: bool = False
) -> ReadProgram:
    """The program of a VM, with warnings of what would not compile to it again.

    Offsets are byte numbers, or with `names` those of the packet's fields and layers.

    Keys that no parameter stands for come back as `extra` of their instruction. Raises
    RefusedError with the entry as its place for unknown types, missing keys, other types.
    """
    raw = vm.get("instructions")
    entries = [] if raw is None else raw
    if not isinstance(entries, list):
        raise InvalidParams(f'"instructions" of a VM must be an array, not {json_type(entries)}')
    limits.FIELD_ENGINE_INSTRUCTIONS.check(len(entries))
    cache = parse_vm({"instructions": [], "cache": _as_number(vm.get("cache"))}).cache
    parsed = Vm(tuple(parse_instruction(_whole(e), n) for n, e in enumerate(entries)), cache)
    context = VmContext(packet if names else None, parsed.sizes)
    program = ReadProgram(
        [
            _instruction(item, entry, context)
            for item, entry in zip(parsed.instructions, entries, strict=True)
        ],
        msgspec.UNSET if vm.get("cache") is None else {"cache_size": cache},
    )
    return msgspec.structs.replace(program, warnings=_differences(program, parsed, packet))


def _whole(entry: object) -> object:
    """An entry with what it leaves out, and with numbers for those that are written as text."""
    if not isinstance(entry, dict):
        return entry
    given = {key: value for key, value in entry.items() if value is not None}
    numbers = {key: _as_number(value) for key, value in given.items() if key not in _TEXTS}
    return {**_LEFT_OUT, **given, **numbers}


def _as_number(value: object) -> object:
    number = whole_number(value)
    return value if number is None else number


def _instruction(item: VmInstruction, entry: dict[str, Any], context: VmContext) -> ReadInstruction:
    cls = BY_VM[type(item)]
    meant = {"type", *item.__struct_fields__}
    if getattr(item, "value_list", None) is not None:
        meant -= {"init_value", "min_value", "max_value"}  # the engine walks the list instead
    extra = {key: value for key, value in entry.items() if key not in meant}
    return ReadInstruction(cls.id, cls.from_vm(item, context), extra)


def _differences(program: ReadProgram, vm: Vm, packet: BuiltPacket | None) -> list[ProgramWarning]:
    """Warnings about what would not compile to the same VM."""
    try:
        request = parse_request({"field_engine": msgspec.to_builtins(program)})
        read = read_program(request, Context(packet, _no_expression))
        compiled = compile_program(read, packet)
    except ScapyServerError as error:
        return [_warning(None, f"the program does not compile: {error.detail}")]
    return [
        _warning(index, f"compiles to {shown(msgspec.to_builtins(ours))} at this place of the VM")
        for index, (ours, theirs) in enumerate(
            zip(compiled.vm.instructions, vm.instructions, strict=True)
        )
        if ours != theirs
    ]


def _warning(index: int | None, message: str) -> ProgramWarning:
    return ProgramWarning(index, "not_the_same_vm", message)


def _no_expression(source: str) -> object:
    raise RefusedError(f"{shown(source)} is not expected in a VM")
