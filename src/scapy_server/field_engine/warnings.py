"""What compiles, but may not do what was meant.

Each check looks at the compiled program and the packet and yields warnings; `CHECKS` lists
them, `CODES` says what each code means (the documentation is made from it). Codes are
stable; messages are for people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from scapy_server.field_engine import headers
from scapy_server.field_engine.compiled import Compiled, Step
from scapy_server.field_engine.cycles import Cycle
from scapy_server.field_engine.effects import (
    Effect,
    effects,
    field_span,
    mask_write_size,
    mask_write_value,
    span,
)
from scapy_server.field_engine.headers import IpHeader, Transport
from scapy_server.field_engine.instructions import (
    FixChecksumHw,
    FixIcmpv6,
    FixIpv4,
    FlowVariable,
    Instruction,
    RepeatableRandom,
    TrimPacket,
    TupleGenerator,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.field_engine.instructions.checksums import TCP, UDP
from scapy_server.field_engine.places import PADDED_FRAME_BYTES, layer_names, padded_length
from scapy_server.packet.layout import BuiltPacket, LayerLayout

#: What each code means.
CODES: Mapping[str, str] = {
    "ipv4_checksum": "bytes of an IPv4 header are written and its checksum is not fixed after",
    "l4_checksum": "bytes that a TCP, UDP or ICMPv6 checksum covers are written or cut and the "
    "checksum is not fixed after",
    "pseudo_header_checksum": "addresses that a TCP, UDP or ICMPv6 checksum covers are written "
    "and the checksum is not fixed after",
    "icmp_checksum": "bytes of an ICMP message are written; no instruction fixes its checksum",
    "not_ipv4": "an IPv4 checksum is fixed where there is no IPv4 header",
    "unused_variable": "a variable is never written, and moves no other",
    "overlapping_writes": "two writes change the same bits",
    "write_before_tuple": "a write comes before its tuple and lags one packet behind",
    "step_does_not_divide": "the step does not divide the range, which the engine extends",
    "range_overflow": "the extended range is beyond the variable's size; the sequence is irregular",
    "constant_variable": "the step is as large as the range: the variable keeps its value",
    "list_entries_skipped": "the step leaves out entries of the value list for ever",
    "untouched_range": "minimum and maximum are both 0, as forms are filled in at first",
    "random_gaps": "the engine's random numbers do not reach all values of the range",
    "tuple_overflow": "an unlimited tuple up to 255.255.255.255 loses its range in the engine",
    "wider_than_field": "a variable has values that do not fit the field or the mask",
    "beyond_field": "a write goes on beyond the field that it names",
    "upper_half": "a big-endian mask write of an 8-byte variable takes its upper 4 bytes",
    "cast_size_ignored": "a little-endian mask write changes as many bytes as the variable has",
    "in_padding": "a write lies in the zeros that the engine appends to a short packet",
    "length_field": "a trim makes a length field wrong",
    "trim_clamped": "the engine narrows the range of a trim to the lengths that can be sent",
    "cache_too_short": "the cache makes the stream repeat before the variables do",
    "cache_too_large": "the engine takes a cache of this size on one core only",
}


class Warning(msgspec.Struct, frozen=True):  # noqa: A001, the word of the wire
    """A warning; `instruction` is its number in the program, None for the whole program."""

    instruction: int | None
    code: str
    message: str


@dataclass(frozen=True)
class Scene:
    """A compiled program over its packet, and what several checks want to know of it."""

    compiled: Compiled
    packet: BuiltPacket
    cycle: Cycle
    effects: tuple[Effect, ...] = field(init=False)
    width: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "effects", tuple(effects(self.compiled, self.packet)))
        object.__setattr__(self, "width", padded_length(self.packet))

    @property
    def writes(self) -> Iterator[Effect]:
        """The effects that put variables into the packet."""
        return (effect for effect in self.effects if effect.variable is not None)

    def last_write(self, bits: int) -> Effect | None:
        """The last write that changes one of the bits."""
        found = [effect for effect in self.writes if effect.bits & bits]
        return found[-1] if found else None

    def trims(self) -> Iterator[tuple[int, Step]]:
        """The trims with their positions."""
        for position, step in enumerate(self.compiled.steps):
            if isinstance(step.instruction, TrimPacket):
                yield position, step

    def trim_variable(self, step: Step) -> FlowVariable:
        """The variable that a trim reads."""
        assert isinstance(step.instruction, TrimPacket)
        variable = self.compiled.variables[step.instruction.fv_name].instruction
        assert isinstance(variable, FlowVariable)
        return variable


def find_warnings(compiled: Compiled, packet: BuiltPacket, cycle: Cycle) -> list[Warning]:
    """All warnings, by instruction; `cycle` is what the program does without its cache."""
    scene = Scene(compiled, packet, cycle)
    found = [warning for check in CHECKS for warning in check(scene)]
    last = len(compiled.steps)
    return sorted(found, key=lambda item: last if item.instruction is None else item.instruction)


def _check_ipv4(scene: Scene) -> Iterator[Warning]:
    names = {layer.offset: name for name, layer in layer_names(scene.packet)}
    for layer in headers.ipv4_layers(scene.packet):
        header = span(layer.offset, layer.offset + layer.header_length, scene.width)
        write = scene.last_write(header & ~_checksum_bits(layer, scene.width))
        fixes = (
            position
            for position, step in enumerate(scene.compiled.steps)
            if _fixed_header(step.instruction) == layer.offset
        )
        if write is not None and not any(position > write.position for position in fixes):
            name = names[layer.offset]
            yield _warning(
                write.step,
                "ipv4_checksum",
                f"bytes of {name} are written and its checksum is not fixed after; "
                f"append STLVmFixIpv4 with offset {name}",
            )


def _fixed_header(instruction: Instruction) -> int | None:
    """The byte of the IPv4 header that an instruction fixes."""
    match instruction:
        case FixIpv4(offset=place) | FixChecksumHw(l3_offset=place):
            return place.byte
        case _:
            return None


def _checksum_bits(layer: LayerLayout, width: int) -> int:
    for name in ("chksum", "cksum"):
        place = headers.field_bits(layer, name)
        if place is not None:
            return field_span(*place, width)
    return 0


def _check_transports(scene: Scene) -> Iterator[Warning]:
    names = {layer.offset: name for name, layer in layer_names(scene.packet)}
    for transport in headers.transports(scene.packet):
        layer, network = transport.layer, transport.network
        if _has_no_checksum(transport, scene.packet):
            continue
        covered = span(layer.offset, scene.width, scene.width)
        covered &= ~_checksum_bits(layer, scene.width)
        advice = _transport_advice(transport, names)
        name = names[layer.offset]
        changes = [
            (effect.position, effect.step) for effect in scene.writes if effect.bits & covered
        ]
        changes += scene.trims()
        if changes and not _is_fixed(transport, max(changes)[0], scene):
            yield _warning(
                max(changes)[1],
                "l4_checksum",
                f"bytes that the checksum of {name} covers change and it is not fixed "
                f"after; append {advice}",
            )
            continue
        write = scene.last_write(_address_bits(network, scene.width))
        if write is not None and not _is_fixed(transport, write.position, scene):
            yield _warning(
                write.step,
                "pseudo_header_checksum",
                f"the checksum of {name} covers this address and is not fixed after; "
                f"append {advice}",
            )


def _has_no_checksum(transport: Transport, packet: BuiltPacket) -> bool:
    """Whether the packet says that UDP goes without: a checksum of 0."""
    begin = transport.checksum_byte
    return transport.protocol == "UDP" and packet.frame[begin : begin + 2] == b"\0\0"


def _address_bits(network: LayerLayout | None, width: int) -> int:
    if network is None:
        return 0
    places = (headers.field_bits(network, name) for name in ("src", "dst"))
    return sum(field_span(*place, width) for place in places if place is not None)


def _is_fixed(transport: Transport, after: int, scene: Scene) -> bool:
    offset = transport.layer.offset
    for position, step in enumerate(scene.compiled.steps):
        fix = step.instruction
        if position <= after:
            continue
        if isinstance(fix, FixIcmpv6) and fix.l4_offset.byte == offset:
            return True
        if isinstance(fix, FixChecksumHw):
            found = fix.l3_offset.byte + fix.l3_length
            if fix.l3_length == 0 and transport.network is not None:
                found = fix.l3_offset.byte + offset - transport.network.offset
            if found == offset:
                return True
    return False


def _transport_advice(transport: Transport, names: Mapping[int, str]) -> str:
    network = names[transport.network.offset] if transport.network is not None else "…"
    name = names[transport.layer.offset]
    if transport.protocol == "ICMPv6":
        return f"STLVmFixIcmpv6 with l3_offset {network} and l4_offset {name}"
    l4_type = TCP if transport.protocol == "TCP" else UDP
    return f"STLVmFixChecksumHw with l3_offset {network}, l4_offset {name} and l4_type {l4_type}"


def _check_icmp(scene: Scene) -> Iterator[Warning]:
    for layer in scene.packet.layers:
        if layer.id == "ICMP":
            covered = span(layer.offset, scene.width, scene.width)
            write = scene.last_write(covered & ~_checksum_bits(layer, scene.width))
            if write is not None:
                yield _warning(
                    write.step,
                    "icmp_checksum",
                    "the checksum of ICMP covers these bytes, and no instruction fixes it",
                )


def _check_not_ipv4(scene: Scene) -> Iterator[Warning]:
    for step in scene.compiled.steps:
        if isinstance(step.instruction, FixIpv4):
            byte = step.instruction.offset.byte
            if IpHeader(byte, scene.packet.frame).version != 4:
                yield _warning(
                    step, "not_ipv4", f"there is no IPv4 header at byte {byte} of the packet"
                )


def _check_unused(scene: Scene) -> Iterator[Warning]:
    used = {step.instruction.uses for step in scene.compiled.steps}
    for step in scene.compiled.steps:
        made = step.instruction.defines
        moves = getattr(step.instruction, "next_var", None)
        if made and not used.intersection(made) and moves is None:
            names = " and ".join(list(made)[:2])
            yield _warning(step, "unused_variable", f"nothing writes {names} into the packet")


def _check_overlaps(scene: Scene) -> Iterator[Warning]:
    seen = 0
    for effect in scene.writes:
        if effect.bits & seen:
            earlier = next(other for other in scene.writes if other.bits & effect.bits)
            byte = scene.width - 1 - ((effect.bits & earlier.bits).bit_length() - 1) // 8
            yield _warning(
                effect.step,
                "overlapping_writes",
                f"from byte {byte} on this overwrites what instruction {earlier.step.index} "
                f"({earlier.step.instruction.id}) wrote",
            )
        seen |= effect.bits


def _check_tuple_order(scene: Scene) -> Iterator[Warning]:
    steps = scene.compiled.steps
    made = {
        name: position
        for position, step in enumerate(steps)
        if isinstance(step.instruction, TupleGenerator)
        for name in step.instruction.defines
    }
    for position, step in enumerate(steps):
        if made.get(step.instruction.uses or "", -1) > position:
            yield _warning(
                step,
                "write_before_tuple",
                f"{step.instruction.uses} is written before its tuple moves on, so each packet "
                "gets the pair of the packet before; place the STLVmTupleGen first",
            )


def _check_flow_variables(scene: Scene) -> Iterator[Warning]:
    for step in scene.compiled.steps:
        if isinstance(step.instruction, FlowVariable):
            if step.instruction.value_list is None:
                yield from _check_range(step, step.instruction)
            else:
                yield from _check_list(step, step.instruction, step.instruction.value_list)


def _check_range(step: Step, variable: FlowVariable) -> Iterator[Warning]:
    if variable.has_untouched_range:
        outside = (
            ""
            if variable.initial == 0
            else (f"; the engine will refuse the initial value, {variable.initial}, outside of it")
        )
        yield _warning(
            step,
            "untouched_range",
            f"minimum and maximum of {variable.name} are both 0: set the range{outside}",
        )
        return
    if variable.op == "random":
        return
    first, last = variable.padded_range
    if (first, last) != (variable.min_value, variable.max_value):
        yield _warning(
            step,
            "step_does_not_divide",
            f"steps of {variable.step} do not divide the "
            f"{variable.max_value - variable.min_value + 1} values from {variable.min_value} to "
            f"{variable.max_value}; the engine extends the range to {first}…{last}",
        )
    if last >= 1 << 8 * variable.size:
        yield _warning(
            step,
            "range_overflow",
            f"{last} does not fit {variable.size} bytes, so the engine's sequence is irregular; "
            "choose a range that the step divides",
        )
    if variable.step >= last - first + 1 > 1 and variable.min_value != variable.max_value:
        yield _warning(
            step,
            "constant_variable",
            f"a step of {variable.step} is the whole range: {variable.name} stays at "
            f"{variable.initial}",
        )


def _check_list(step: Step, variable: FlowVariable, values: tuple[int, ...]) -> Iterator[Warning]:
    reached = len(values) // math.gcd(len(values), variable.step)
    if variable.op != "random" and reached < len(values):
        yield _warning(
            step,
            "list_entries_skipped",
            f"steps of {variable.step} reach only {reached} of the {len(values)} entries",
        )


def _check_random(scene: Scene) -> Iterator[Warning]:
    for step in scene.compiled.steps:
        variable = step.instruction
        if isinstance(variable, RepeatableRandom):
            count, size = variable.maximum - variable.min_value + 1, variable.size
        elif isinstance(variable, FlowVariable) and variable.op == "random":
            listed = variable.value_list
            count = len(listed) if listed else variable.max_value - variable.min_value + 1
            size = 1 if listed else variable.size
        else:
            continue
        reached = 1 << {1: 15, 2: 15, 4: 31, 8: 63}[size]
        if count > reached:
            yield _warning(
                step,
                "random_gaps",
                f"of the {count} values of {variable.name} only the first {reached} can come up",
            )


def _check_unlimited_tuples(scene: Scene) -> Iterator[Warning]:
    for step in scene.compiled.steps:
        if (
            isinstance(step.instruction, TupleGenerator)
            and step.instruction.unlimited
            and step.instruction.ip_max == (1 << 32) - 1
        ):
            yield _warning(
                step,
                "tuple_overflow",
                "an unlimited tuple that ends at 255.255.255.255 goes through all addresses "
                "from 0.0.0.0 and never moves the port",
            )


def _check_widths(scene: Scene) -> Iterator[Warning]:
    for effect in scene.writes:
        write = effect.step.instruction
        if isinstance(write, WriteVariable):
            if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect):
                yield _warning(
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


def _check_mask(effect: Effect, write: WriteMaskVariable, scene: Scene) -> Iterator[Warning]:
    step, size = effect.step, effect.size
    if write.pkt_offset.field is not None and effect.bits & ~_named_bits(effect):
        yield _warning(
            step,
            "beyond_field",
            f"the mask {write.mask:#x} reaches bits that are not of {write.pkt_offset.name}",
        )
    if size == 8 and write.is_big:
        yield _warning(
            step,
            "upper_half",
            f"of the 8 bytes of {write.fv_name} the upper 4 are written; "
            "make the variable of size 4",
        )
    if not write.is_big and mask_write_size(write, size) != write.pkt_cast_size:
        yield _warning(
            step,
            "cast_size_ignored",
            f"with the low byte first, {mask_write_size(write, size)} bytes are changed "
            f"as {write.fv_name} has, not pkt_cast_size, {write.pkt_cast_size}",
        )
    largest = _largest(scene.compiled, write.fv_name)
    if largest is not None and size < 8 and write.add_value >= 0:
        written = mask_write_value(write, largest, size)
        needed = (1 << written.bit_length()) - 1
        if needed & ~write.mask & ~((1 << max(write.shift, 0)) - 1):
            target = write.pkt_offset.name or f"the mask {write.mask:#x}"
            yield _warning(
                step,
                "wider_than_field",
                f"values of {write.fv_name} up to {largest} do not fit {target}: "
                f"{write.mask.bit_count()} bits are written",
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


def _check_padding(scene: Scene) -> Iterator[Warning]:
    length = len(scene.packet.frame)
    padding = span(length, scene.width, scene.width)
    for effect in scene.writes:
        if effect.bits & padding:
            yield _warning(
                effect.step,
                "in_padding",
                f"the packet has {length} bytes, this writes into the zeros behind them that "
                f"make it {PADDED_FRAME_BYTES} long",
            )


_LENGTH_FIELDS = {"IP": "len", "IPv6": "plen", "UDP": "len"}


def _check_trims(scene: Scene) -> Iterator[Warning]:
    for _, step in scene.trims():
        stale = []
        for name, layer in layer_names(scene.packet):
            length = _LENGTH_FIELDS.get(layer.id)
            place = headers.field_bits(layer, length) if length else None
            if place and scene.last_write(field_span(*place, scene.width)) is None:
                stale.append(f"{name}.{length}")
        if stale:
            yield _warning(
                step,
                "length_field",
                f"{', '.join(stale)} still {'say' if len(stale) > 1 else 'says'} the whole length; "
                "write the trim's variable there with a negative add_val",
            )
        variable = scene.trim_variable(step)
        if variable.value_list is None:
            lowest, highest = variable.padded_range
            if lowest < PADDED_FRAME_BYTES or highest > scene.width:
                yield _warning(
                    step,
                    "trim_clamped",
                    f"{variable.name} goes from {lowest} to {highest}, and the engine sends "
                    f"lengths from {PADDED_FRAME_BYTES} to {scene.width}",
                )


MULTI_CORE_CACHE_PACKETS = 10_000


def _check_cache(scene: Scene) -> Iterator[Warning]:
    cache, period = scene.compiled.cache, scene.cycle.period
    if cache and (period is None or cache < period):
        after = "never, they are random" if period is None else f"only after {period}"
        yield Warning(
            None,
            "cache_too_short",
            f"with a cache of {cache} packets the stream repeats after {cache} packets; "
            f"its variables do {after}" + ("" if period is None else " packets"),
        )
    if cache > MULTI_CORE_CACHE_PACKETS:
        yield Warning(
            None,
            "cache_too_large",
            f"streams that several cores send may have a cache of {MULTI_CORE_CACHE_PACKETS} "
            f"packets at most, not {cache}",
        )


def _warning(step: Step, code: str, message: str) -> Warning:
    return Warning(step.index, code, message)


CHECKS: tuple[Callable[[Scene], Iterator[Warning]], ...] = (
    _check_flow_variables,
    _check_random,
    _check_unlimited_tuples,
    _check_unused,
    _check_tuple_order,
    _check_widths,
    _check_overlaps,
    _check_padding,
    _check_ipv4,
    _check_transports,
    _check_icmp,
    _check_not_ipv4,
    _check_trims,
    _check_cache,
)
