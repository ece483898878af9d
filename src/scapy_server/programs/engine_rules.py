"""What the traffic engine refuses to run, with the instruction and parameter at fault.

The engine would say so only when the stream is added or started, in one sentence for the
whole stream; some of it would stop the engine itself. Bounds are those of its stateless
Field Engine (one program, one data-plane core).
"""

from __future__ import annotations

from scapy_server import limits
from scapy_server.engine.bounds import (
    MINIMUM_FRAME_BYTES,
    PADDED_FRAME_BYTES,
    RANDOM_STATE_BYTES,
    TUPLE_BYTES,
)
from scapy_server.errors import RefusedError, located
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs import headers
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.headers import IpHeader
from scapy_server.programs.instructions import (
    FixChecksumHw,
    FixIcmpv6,
    FixIpv4,
    FlowVariable,
    RepeatableRandom,
    TrimPacket,
    TupleGenerator,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.programs.instructions.base import refuse
from scapy_server.programs.instructions.checksums import IP, L4_NAMES, TCP, UDP
from scapy_server.programs.places import padded_length
from scapy_server.programs.program import place

TCP_BYTES, UDP_BYTES, ICMPV6_BYTES = 20, 8, 4


def check(compiled: Compiled, packet: BuiltPacket | None) -> None:
    """Raise RefusedError for the first thing that the engine would refuse."""
    _check_space(compiled)
    for step in compiled.steps:
        with located(place(step.index, step.instruction.id)):
            _check_variable_use(step, compiled)
            if packet is not None:
                _check_step(step, compiled, packet)
    if packet is not None:
        _check_frame(packet)


def _check_space(compiled: Compiled) -> None:
    used = RANDOM_STATE_BYTES if any(step.is_random for step in compiled.steps) else 0
    for step in sorted(compiled.steps, key=lambda step: step.index):
        used += _variable_bytes(step)
        if used > limits.FIELD_ENGINE_VARIABLE_BYTES:
            total = sum(map(_variable_bytes, compiled.steps))
            with located(place(step.index, step.instruction.id)):
                raise RefusedError(
                    f"the variables of the program take {total} bytes of the engine's memory, "
                    f"and it has {int(limits.FIELD_ENGINE_VARIABLE_BYTES)} (a repeatable random "
                    "variable takes twice its size and 4, a tuple 10); this one is too many"
                )


def _variable_bytes(step: Step) -> int:
    match step.instruction:
        case FlowVariable(size=size):
            return size
        case RepeatableRandom(size=size):
            return 2 * size + 4
        case TupleGenerator():
            return TUPLE_BYTES
        case _:
            return 0


def _check_frame(packet: BuiltPacket) -> None:
    length = len(packet.frame)
    if length < MINIMUM_FRAME_BYTES:
        raise RefusedError(
            f"the packet has {length} bytes; the engine sends packets from {MINIMUM_FRAME_BYTES} on"
        )
    limits.FIELD_ENGINE_FRAME_BYTES.check(length)


def _check_variable_use(step: Step, compiled: Compiled) -> None:
    if not isinstance(step.instruction, TrimPacket):
        return
    name = step.instruction.fv_name
    maker = compiled.variables.get(name)
    variable = maker.instruction if maker else None
    if not isinstance(variable, FlowVariable) or variable.size != 2:
        size = f" of size {variable.size}" if isinstance(variable, FlowVariable) else ""
        kind = f"{variable.id}{size}" if variable else "the engine's own"
        raise refuse("fv_name", f"a length comes from an STLVmFlowVar of size 2; {name} is {kind}")


def _check_step(step: Step, compiled: Compiled, packet: BuiltPacket) -> None:
    match step.instruction:
        case WriteVariable() as write:
            _check_write(write, compiled.size_of(write.fv_name), packet)
        case WriteMaskVariable() as write:
            _check_mask_write(write, compiled.size_of(write.fv_name), packet)
        case FixIpv4() as fix:
            header = IpHeader(fix.offset.byte, packet.frame)
            _check_end("offset", fix.offset.byte, max(header.length, headers.IPV4_BYTES), packet)
        case FixChecksumHw() as fix:
            _check_hw(fix, packet)
        case FixIcmpv6() as fix:
            _check_icmpv6(fix, packet)
        case TrimPacket() as trim:
            variable = compiled.variables[trim.fv_name].instruction
            assert isinstance(variable, FlowVariable)
            _check_trim(variable, packet)
        case _:
            pass


def _check_write(write: WriteVariable, size: int, packet: BuiltPacket) -> None:
    target = write.pkt_offset
    if target.field is not None and not write.offset_fixup:
        width = target.bits[1] // 8
        if size > width:
            raise refuse(
                "pkt_offset",
                f"{write.fv_name} has {size} bytes and {target.name} only {width}: the write "
                f"would go on into what follows; make the variable of size {_fitting(width)}",
            )
    _check_end("pkt_offset", write.byte, size, packet)


def _fitting(width: int) -> int:
    return max(size for size in (1, 2, 4, 8) if size <= width)


def _check_mask_write(write: WriteMaskVariable, size: int, packet: BuiltPacket) -> None:
    changed = write.pkt_cast_size if write.is_big else max(write.pkt_cast_size, min(size, 4))
    _check_end("pkt_offset", write.byte, changed, packet)


def _check_end(parameter: str, begin: int, size: int, packet: BuiltPacket) -> None:
    end = begin + size
    available = padded_length(packet)
    if end > available:
        padded = " (padded)" if len(packet.frame) < PADDED_FRAME_BYTES else ""
        raise refuse(
            parameter,
            f"bytes {begin} to {end - 1} are past the end of the packet, "
            f"which has {available} bytes{padded}",
        )
    if end > limits.FIELD_ENGINE_TOUCHED_BYTES:
        raise refuse(
            parameter,
            f"bytes {begin} to {end - 1} are beyond the first "
            f"{int(limits.FIELD_ENGINE_TOUCHED_BYTES)} bytes, all that the engine can change",
        )


def _check_hw(fix: FixChecksumHw, packet: BuiltPacket) -> None:
    l3 = fix.l3_offset.byte
    header = IpHeader(l3, packet.frame)
    if l3 < MINIMUM_FRAME_BYTES:
        raise refuse("l3_offset", f"byte {l3} lies within the Ethernet header, IP comes after it")
    if header.version not in (4, 6):
        raise refuse("l3_offset", f"there is no IP header at byte {l3} of the packet")
    if fix.l4_type == IP:
        if header.version == 6:
            raise refuse("l4_type", "17 stands for IPv4 only; over IPv6 give 11 (UDP) or 13 (TCP)")
        _check_end("l3_offset", l3, max(header.length, headers.IPV4_BYTES), packet)
        return
    if header.version == 4 and fix.l3_length != header.length:
        raise refuse(
            "l4_offset",
            f"byte {fix.l4_offset.byte} is not where the transport header begins: the IPv4 "
            f"header at byte {l3} has {header.length} bytes and ends at {l3 + header.length}",
        )
    if header.version == 6 and fix.l3_length < headers.IPV6_BYTES:
        raise refuse(
            "l4_offset",
            f"byte {fix.l4_offset.byte} lies within the IPv6 header, "
            f"which goes on to byte {l3 + headers.IPV6_BYTES - 1}",
        )
    _check_l4_type(fix, header, packet)
    size = TCP_BYTES if fix.l4_type == TCP else UDP_BYTES
    _check_end("l4_offset", fix.l4_offset.byte, size, packet)


def _check_l4_type(fix: FixChecksumHw, header: IpHeader, packet: BuiltPacket) -> None:
    found = headers.PROTOCOL_NAMES.get(header.protocol)
    if header.version == 6 and found is None:
        # Extension headers may lie between; the layer that begins there says what it is.
        at_l4 = [layer for layer in packet.layers if layer.offset == fix.l4_offset.byte]
        found = headers.transport_protocol(at_l4[-1]) if at_l4 else None
        if found is None:
            return
    named = L4_NAMES[fix.l4_type]
    if found == named:
        return
    if found not in ("TCP", "UDP"):
        what = found or f"protocol {header.protocol}"
        raise refuse("l4_type", f"{fix.l4_type} means {named}, but the packet has {what}")
    right = TCP if found == "TCP" else UDP
    raise refuse("l4_type", f"{fix.l4_type} means {named}, but the packet has {found}: {right}")


def _check_icmpv6(fix: FixIcmpv6, packet: BuiltPacket) -> None:
    l3 = fix.l3_offset.byte
    header = IpHeader(l3, packet.frame)
    if header.version != 6:
        raise refuse("l3_offset", f"there is no IPv6 header at byte {l3} of the packet")
    if header.protocol != headers.ICMPV6_PROTOCOL:
        found = headers.PROTOCOL_NAMES.get(header.protocol, f"protocol {header.protocol}")
        raise refuse("l3_offset", f"the IPv6 header at byte {l3} is followed by {found}")
    if fix.l3_length != headers.IPV6_BYTES:
        raise refuse(
            "l4_offset",
            f"byte {fix.l4_offset.byte} is not where the message begins: the IPv6 header at "
            f"byte {l3} ends at {l3 + headers.IPV6_BYTES}",
        )
    _check_end("l4_offset", fix.l4_offset.byte, ICMPV6_BYTES, packet)


def _check_trim(variable: FlowVariable, packet: BuiltPacket) -> None:
    length = padded_length(packet)
    if variable.value_list is not None:
        for index, value in enumerate(variable.value_list):
            if not PADDED_FRAME_BYTES <= value <= length:
                raise refuse(
                    "fv_name",
                    f"member {index} of the value list of {variable.name}, {value}, is not a "
                    f"length from {PADDED_FRAME_BYTES} to the {length} bytes of the packet",
                )
        return
    lowest, highest = (min(bound, length) for bound in variable.padded_range)
    if max(lowest, PADDED_FRAME_BYTES) >= highest:
        raise refuse(
            "fv_name",
            f"the range of {variable.name}, {variable.min_value} to {variable.max_value}, leaves "
            f"no two lengths from {PADDED_FRAME_BYTES} to the {length} bytes of the packet",
        )
