"""Writes that change other bits than was meant."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.programs.compiled import Compiled
from scapy_server.programs.effects import (
    Effect,
    effective_mask,
    field_span,
    mask_write_size,
    mask_write_value,
    span,
)
from scapy_server.programs.instructions import (
    FlowVariable,
    RepeatableRandom,
    TupleGenerator,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.programs.warnings.scene import ProgramWarning, Scene, warning


def check_widths(scene: Scene) -> Iterator[ProgramWarning]:
    """Writes that do not fit the field that they name, or their mask."""
    for effect in scene.writes:
        write = effect.step.instruction
        if isinstance(write, WriteVariable):
            if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect):
                yield warning(
                    effect.step,
                    "beyond_field",
                    f"bytes {write.byte} to {write.byte + effect.size - 1} go beyond "
                    f"{write.pkt_offset.name}",
                )
        elif isinstance(write, WriteMaskVariable):
            yield from _check_mask(effect, write, scene)


def _named_bits(effect: Effect) -> int:
    write = effect.step.instruction
    assert isinstance(write, WriteVariable | WriteMaskVariable)
    return field_span(*write.pkt_offset.bits, effect.width)


def _check_mask(effect: Effect, write: WriteMaskVariable, scene: Scene) -> Iterator[ProgramWarning]:
    step, size = effect.step, effect.size
    if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect):
        yield warning(
            step,
            "beyond_field",
            f"the mask {write.mask:#x} reaches bits that are not of {write.pkt_offset.name}",
        )
    if size == 8 and write.is_big:
        yield warning(
            step,
            "upper_half",
            f"of the 8 bytes of {write.fv_name} the upper 4 are written; "
            "make the variable of size 4",
        )
    if not write.is_big and mask_write_size(write, size) != write.pkt_cast_size:
        yield warning(
            step,
            "cast_size_ignored",
            f"with the low byte first, {mask_write_size(write, size)} bytes are changed "
            f"as {write.fv_name} has, not pkt_cast_size, {write.pkt_cast_size}",
        )
    mask = effective_mask(write, size)
    largest = _largest(scene.compiled, write.fv_name)
    if largest is not None and size < 8 and write.add_value >= 0:
        written = mask_write_value(write, largest, size)
        reached = (1 << written.bit_length()) - 1 & ~((1 << max(write.shift, 0)) - 1)
        if largest and not reached & mask:
            yield warning(
                step,
                "only_zeros",
                f"shifted by {write.shift}, no bit of {write.fv_name}, at most {largest}, comes to "
                f"the mask {write.mask:#x}: only zeros are written",
            )
        elif reached & ~mask:
            target = write.pkt_offset.name or f"the mask {write.mask:#x}"
            yield warning(
                step,
                "wider_than_field",
                f"values of {write.fv_name} up to {largest} do not fit {target}: "
                f"{mask.bit_count()} bits are written",
            )


def _largest(compiled: Compiled, name: str) -> int | None:
    step = compiled.variables.get(name)
    match step.instruction if step else None:
        case FlowVariable(value_list=None) as variable:
            return max(variable.max_value, variable.initial)
        case FlowVariable(value_list=values) if values:
            return max(values)
        case RepeatableRandom() as variable:
            return variable.maximum
        case TupleGenerator() as variable:
            return variable.ip_max if name.endswith(".ip") else variable.port_max
        case _:
            return None


def check_padding(scene: Scene) -> Iterator[ProgramWarning]:
    """Writes behind the end of a short packet."""
    length = len(scene.packet.frame)
    padding = span(length, scene.width, scene.width)
    for effect in scene.writes:
        if effect.bits & padding:
            yield warning(
                effect.step,
                "in_padding",
                f"the packet has {length} bytes, this writes into the zeros behind them that "
                f"make it {PADDED_FRAME_BYTES} long",
            )


def check_overlaps(scene: Scene) -> Iterator[ProgramWarning]:
    """Writes over bits that were written before."""
    seen = 0
    for effect in scene.writes:
        if effect.bits & seen:
            earlier = next(other for other in scene.writes if other.bits & effect.bits)
            byte = scene.width - 1 - ((effect.bits & earlier.bits).bit_length() - 1) // 8
            yield warning(
                effect.step,
                "overlapping_writes",
                f"from byte {byte} on this overwrites what instruction {earlier.step.index} "
                f"({earlier.step.instruction.id}) wrote",
            )
        seen |= effect.bits
