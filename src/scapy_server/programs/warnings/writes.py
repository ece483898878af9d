"""Writes that change other bits than was meant."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.engine.bits import field_span, span
from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.variable_rules import bytes_of
from scapy_server.engine.vm import FlowVar, RandLimit, TupleVar, Vm
from scapy_server.engine.writes import MaskedWrite
from scapy_server.programs.instructions import WriteMaskVariable, WriteVariable
from scapy_server.programs.places import Place, mask_write
from scapy_server.programs.warnings.scene import Effect, ProgramWarning, Scene, warning

SIZES = (1, 2, 4, 8)
#: Longer fields are texts and payloads, which are written anywhere.
WIDEST_NUMBER = 16


def check_widths(scene: Scene) -> Iterator[ProgramWarning]:
    """Writes that do not fit the field that they name, or their mask."""
    for effect in scene.writes:
        write = effect.step.instruction
        if isinstance(write, WriteVariable):
            if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect, scene):
                yield warning(
                    effect.step, "beyond_field", _beyond(effect, write, scene.compiled.vm)
                )
            elif write.pkt_offset.field is not None and effect.bits != _named_bits(effect, scene):
                yield from _check_narrow(effect, write)
        elif isinstance(write, WriteMaskVariable) and isinstance(effect.write, MaskedWrite):
            yield from _check_mask(effect, write, effect.write, scene)


def _named_bits(effect: Effect, scene: Scene) -> int:
    write = effect.step.instruction
    assert isinstance(write, WriteVariable | WriteMaskVariable)
    return field_span(*write.pkt_offset.bits, scene.width)


def _beyond(effect: Effect, write: WriteVariable, vm: Vm) -> str:
    name, (_, bits) = write.pkt_offset.name, write.pkt_offset.bits
    if write.pkt_offset.is_bit_field and not write.offset_fixup:
        return _bit_field_hint(write.pkt_offset)
    problem = f"bytes {write.byte} to {write.byte + effect.size - 1} go beyond {name}"
    width = bits // 8
    if write.offset_fixup or not width:
        return problem
    return f"{problem}, which has {bytes_of(width)}; {_fitting(write, width, vm)}"


def _bit_field_hint(place: Place) -> str:
    start, length = place.bits
    problem = (
        f"{place.name} is {length} bit{'s' * (length > 1)} from bit {start % 8} of byte "
        f"{start // 8}, and a plain write replaces whole bytes"
    )
    write = mask_write(place)
    if write is None:
        return f"{problem}; it is too wide for one STLVmWrMaskFlowVar as well"
    return (
        f"{problem}; use STLVmWrMaskFlowVar with pkt_offset {place.name}, "
        f"pkt_cast_size {write.pkt_cast_size}, mask {write.mask:#x} and shift {write.shift}"
    )


def _fitting(write: WriteVariable, width: int, vm: Vm) -> str:
    """How to write a field of that width with the largest variable that fits it.

    What the variable cannot hold of the values that were asked for, their upper bytes, must
    stand in the packet.
    """
    size = max(size for size in SIZES if size <= width)
    advice = f"make {write.fv_name} of size {size}"
    if size == width:
        return advice
    advice += f" and write it with offset_fixup {width - size}"
    variable = vm.flow_var(write.fv_name)
    if variable is None or variable.value_list is not None:
        return advice
    low, _, high = variable.span
    if not high >> 8 * size:
        return advice
    if low >> 8 * size != high >> 8 * size:
        return f"{advice}, and its first {bytes_of(width - size)} with a variable that this moves"
    lower = (1 << 8 * size) - 1
    return (
        f"{advice}, from {low & lower} to {high & lower}, and let the first "
        f"{bytes_of(width - size)} of {write.pkt_offset.name} in the packet be {low >> 8 * size:#x}"
    )


def _check_narrow(effect: Effect, write: WriteVariable) -> Iterator[ProgramWarning]:
    """A variable that is shorter than its field, written to the upper bytes of it.

    Numbers are meant at the end of a field: 5 in the 6 bytes of a MAC address is its last
    byte. A write that ends with its field is taken to mean that.
    """
    width = write.pkt_offset.bits[1] // 8
    end = write.pkt_offset.byte + width
    if write.byte + effect.size == end or width > WIDEST_NUMBER:
        return
    advice = f"offset_fixup {width - effect.size} writes its last ones"
    if width in (1, 2, 4, 8):
        advice = f"make it of size {width}, or {advice}"
    yield warning(
        effect.step,
        "narrower_than_field",
        f"{write.fv_name} has {bytes_of(effect.size)}, and of the {width} of "
        f"{write.pkt_offset.name} bytes {write.byte - write.pkt_offset.byte} to "
        f"{write.byte - write.pkt_offset.byte + effect.size - 1}, counted from 0, are written; "
        f"{advice}",
    )


def _check_mask(
    effect: Effect, write: WriteMaskVariable, does: MaskedWrite, scene: Scene
) -> Iterator[ProgramWarning]:
    step, size, changed = effect.step, effect.size, len(does.bytes)
    if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect, scene):
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
    if changed != write.pkt_cast_size:
        yield warning(
            step,
            "cast_size_ignored",
            f"with the low byte first, {changed} bytes are changed "
            f"as {write.fv_name} has, not pkt_cast_size, {write.pkt_cast_size}",
        )
    if write.mask != does.mask:
        yield warning(
            step,
            "mask_cut",
            f"of the mask {write.mask:#x} only {does.mask:#x} lies within the {bytes_of(changed)} "
            f"that are changed; give pkt_cast_size {_cast_size(write.mask)}",
        )
    largest = _largest(scene.compiled.vm, write.fv_name)
    if largest is not None and size < 8 and write.add_value >= 0:
        yield from _check_shift(effect, write, does, largest)


def _cast_size(mask: int) -> int:
    return next(size for size in SIZES if mask < 1 << 8 * size)


def _check_shift(
    effect: Effect, write: WriteMaskVariable, does: MaskedWrite, largest: int
) -> Iterator[ProgramWarning]:
    """Hold the bits that values up to the largest one come to against the mask."""
    reached = does.reached(largest)
    if largest and not reached & does.mask:
        yield warning(
            effect.step,
            "only_zeros",
            f"shifted by {write.shift}, no bit of {write.fv_name}, at most {largest}, comes to "
            f"the mask {write.mask:#x}: only zeros are written",
        )
    elif reached & ~does.mask:
        target = write.pkt_offset.name or f"the mask {write.mask:#x}"
        yield warning(
            effect.step,
            "wider_than_field",
            f"values of {write.fv_name} up to {largest} do not fit {target}: "
            f"{does.mask.bit_count()} bits are written",
        )


def _largest(vm: Vm, name: str) -> int | None:
    """The largest value that a variable is meant to have."""
    of_tuple, _, part = name.rpartition(".")
    for item in vm.instructions:
        if isinstance(item, TupleVar):
            if item.name == of_tuple:
                return item.ip_max if part == "ip" else item.port_max
        elif isinstance(item, FlowVar | RandLimit) and item.name == name:
            if isinstance(item, RandLimit):
                return item.max_value
            return max(item.value_list or item.span)
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
