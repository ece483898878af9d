"""Varying a field in one step: a variable, the write, and the checksums that it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet, Program

_SIZES = (1, 2, 4, 8)
#: What STLVmFixChecksumHw calls the protocols above IP. Source: docs/field_engine.md,
#: "STLVmFixChecksumHw".
_L4_TYPES = {"UDP": 11, "TCP": 13}


@dataclass(frozen=True)
class Range:
    """The values that a variable goes through, and how: `inc`, `dec` or `random`."""

    minimum: int
    maximum: int
    step: int = 1
    operation: str = "inc"


def vary(packet: Packet, program: Program, row: FieldRow, values: Range) -> Program:
    """The program with a variable that is written into a field.

    A field longer than the engine's variables (a MAC or IPv6 address) varies in its last four
    bytes. What corrects checksums stays last. Raises DeskError for a field that no variable
    fits.
    """
    size, fixup = _fit(row)
    name = _free_name(program, row)
    variable = {
        "name": name,
        "size": str(size),
        "op": values.operation,
        "min_value": str(values.minimum),
        "max_value": str(values.maximum),
        "step": str(values.step),
    }
    write = {
        "fv_name": name,
        "pkt_offset": row.path,
        **({"offset_fixup": str(fixup)} if fixup else {}),
    }
    added: list[JsonObject] = [
        {"id": "STLVmFlowVar", "parameters": variable},
        {"id": "STLVmWrFlowVar", "parameters": write},
    ]
    kept = [each for each in program.instructions if not _is_fix(each)]
    fixes = [each for each in program.instructions if _is_fix(each)] or list(
        _fixes(packet, row.layer)
    )
    return replace(program, instructions=(*kept, *added, *fixes))


def with_fixes(packet: Packet, program: Program) -> Program:
    """The program with what corrects the checksums of the innermost IP and what it carries."""
    kept = [each for each in program.instructions if not _is_fix(each)]
    return replace(program, instructions=(*kept, *_fixes(packet, len(packet.layers))))


def values_from(packet: Packet, row: FieldRow, count: int = 256) -> Range:
    """So many values from the one that the field has, as far as its variable goes."""
    size, fixup = _fit(row)
    assert row.bit_offset is not None
    start = row.bit_offset // 8 + fixup
    value = int.from_bytes(packet.frame[start : start + size], "big")
    last = (1 << 8 * size) - 1
    return Range(min(value, max(0, last - count + 1)), min(last, value + count - 1))


def variable_fields(packet: Packet) -> list[str]:
    """The paths of the fields that a variable fits."""
    return [row.path for row in field_rows(packet.layers) if row.has_value and _fits(row)]


def _fits(row: FieldRow) -> bool:
    try:
        _fit(row)
    except DeskError:
        return False
    return True


def _fit(row: FieldRow) -> tuple[int, int]:
    """The variable's size, and how far behind the field's start it is written, in bytes."""
    length, odd = divmod(row.bit_length, 8)
    if row.bit_offset is None or not row.bit_length:
        raise DeskError(f"{row.path} has no place in the packet that could be varied")
    if odd or row.bit_offset % 8:
        raise DeskError(
            f"{row.path} is {row.bit_length} bits wide; add STLVmWrMaskFlowVar, which writes bits"
        )
    if length in _SIZES:
        return length, 0
    if length > 4:
        return 4, length - 4
    raise DeskError(f"{row.path} has {length} bytes, and variables have 1, 2, 4 or 8")


def _free_name(program: Program, row: FieldRow) -> str:
    taken = {str((each.get("parameters") or {}).get("name")) for each in program.instructions}
    base = row.field_id.split("[")[0].split(".")[0][:12] or "v"
    names = (base if number == 1 else f"{base}_{number}" for number in range(1, 2 + len(taken)))
    return next(name for name in names if name not in taken)


def _is_fix(instruction: JsonObject) -> bool:
    return str(instruction["id"]).startswith("STLVmFix")


def _fixes(packet: Packet, written: int) -> Iterator[dict[str, Any]]:
    """What corrects the checksums that cover a layer: that of its IP header, or all."""
    names = layer_names(packet.layers)
    ids = [str(layer["id"]) for layer in packet.layers]
    below = _last(ids, ("IP", "IPv6"), written)
    if below is None:
        return
    above = ids[below + 1] if below + 1 < len(ids) else ""
    if above in _L4_TYPES:
        parameters = {
            "l3_offset": names[below],
            "l4_offset": names[below + 1],
            "l4_type": str(_L4_TYPES[above]),
        }
        yield {"id": "STLVmFixChecksumHw", "parameters": parameters}
    elif ids[below] == "IP" and written in (below, len(ids)):
        yield {"id": "STLVmFixIpv4", "parameters": {"offset": names[below]}}


def _last(ids: Sequence[str], wanted: Sequence[str], at_most: int) -> int | None:
    found = [index for index, layer_id in enumerate(ids) if layer_id in wanted and index <= at_most]
    return found[-1] if found else None
