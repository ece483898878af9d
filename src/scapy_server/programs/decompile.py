"""A VM becomes a program again: instructions with named parameters.

Offsets get names where the packet is given. What is given back compiles to the same VM;
where that cannot be (another order than the compiler's, values that the engine refuses)
a warning says so.

Source: the engine's specification of VM instructions, as `compile` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scapy_server import limits
from scapy_server.errors import InvalidParams, RefusedError, ScapyServerError, located, shown
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compile import compile_program
from scapy_server.programs.instructions import BY_TYPE, Vm, VmContext, VmEntry
from scapy_server.programs.instructions.tuple_generator import PARTS
from scapy_server.programs.parameters import Context
from scapy_server.programs.program import parse_request, read_program
from scapy_server.wording import json_type, nearest


def decompile(vm: Mapping[str, object], packet: BuiltPacket | None) -> dict[str, Any]:
    """The program of a VM: `instructions`, with a cache `global_parameters`, and `warnings`.

    Keys that no parameter stands for come back as `extra` of their instruction. Raises
    RefusedError with the entry as its place for unknown types, missing keys, other types.
    """
    raw = vm.get("instructions")
    entries = [] if raw is None else raw
    if not isinstance(entries, list):
        raise InvalidParams(f'"instructions" of a VM must be an array, not {json_type(entries)}')
    limits.FIELD_ENGINE_INSTRUCTIONS.check(len(entries))
    context = VmContext(packet, _sizes(entries))
    program: dict[str, Any] = {
        "instructions": [_instruction(entry, index, context) for index, entry in enumerate(entries)]
    }
    if vm.get("cache") is not None:
        with located("cache"):
            program["global_parameters"] = {"cache_size": VmEntry(vm).integer("cache")}
    program["warnings"] = _differences(program, vm, packet)
    return program


def _instruction(entry: object, index: int, context: VmContext) -> dict[str, Any]:
    kind = entry.get("type") if isinstance(entry, dict) else None
    with located(f"instruction {index}" + (f" ({kind[:60]})" if isinstance(kind, str) else "")):
        if not isinstance(entry, dict):
            raise RefusedError(f"an entry of a VM is an object, not {json_type(entry)}")
        if not isinstance(kind, str):
            raise RefusedError(f'the key "type" must be text, not {json_type(kind)}')
        cls = BY_TYPE.get(kind)
        if cls is None:
            raise RefusedError(f"there is no VM instruction {shown(kind)}{nearest(kind, BY_TYPE)}")
        reader = VmEntry(entry)
        instruction = {"id": cls.id, "parameters": cls.from_vm(reader, context)}
        return instruction | {"extra": reader.extra} if reader.extra else instruction


def _sizes(entries: list[object]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        if entry.get("type") == "tuple_flow_var":
            sizes |= {f"{entry['name']}.{part}": size for part, size in PARTS.items()}
        elif isinstance(entry.get("size"), int):
            sizes[entry["name"]] = entry["size"]
    return sizes


def _differences(
    program: Mapping[str, Any], vm: Mapping[str, object], packet: BuiltPacket | None
) -> list[dict[str, Any]]:
    """Warnings about what would not compile to the same VM."""
    try:
        request = parse_request({"field_engine": program})
        read = read_program(request, Context(packet, _no_expression))
        compiled = compile_program(read, packet).to_vm()
    except ScapyServerError as error:
        return [_warning(None, f"the program does not compile: {error.detail}")]
    given = vm.get("instructions")
    entries = given if isinstance(given, list) else []
    return [
        _warning(index, f"compiles to {shown(ours)} at this place of the VM")
        for index, (ours, theirs) in enumerate(zip(compiled["instructions"], entries, strict=True))
        if not _same(ours, theirs)
    ]


def _same(ours: Vm, theirs: Mapping[str, object]) -> bool:
    """Whether the entries mean the same: what is left out has its default."""
    absent = {"next_var": (None, ""), "split_to_cores": (True,), "flags": (0,), "shift": (0,)}
    absent |= {"add_value": (0,), "is_big_endian": (True,)}
    for key, value in ours.items():
        other = theirs.get(key)
        if other is None and value in absent.get(key, ()):
            continue
        if key == "next_var" and not value and not other:
            continue
        if str(other) != str(value):
            return False
    return True


def _warning(index: int | None, message: str) -> dict[str, Any]:
    return {"instruction": index, "code": "not_the_same_vm", "message": message}


def _no_expression(source: str) -> object:
    raise RefusedError(f"{shown(source)} is not expected in a VM")
