"""Checksums that the program makes wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scapy_server.engine.bits import field_span, span
from scapy_server.engine.headers import IPV6_BYTES, PROTOCOL_NAMES, TCP, UDP, IpHeader
from scapy_server.engine.vm import Trim
from scapy_server.packet.frames.layout import BuiltPacket, LayerLayout
from scapy_server.programs import headers
from scapy_server.programs.headers import Transport
from scapy_server.programs.instructions import FixChecksumHw, FixIcmpv6, FixIpv4, Instruction
from scapy_server.programs.instructions.checksums import L4_NAMES
from scapy_server.programs.places import layer_names
from scapy_server.programs.warnings.scene import ProgramWarning, Scene, warning


def check_ipv4(scene: Scene) -> Iterator[ProgramWarning]:
    """Bytes of an IPv4 header are written and its checksum is not fixed after."""
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
            yield warning(
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


def check_transports(scene: Scene) -> Iterator[ProgramWarning]:
    """A checksum over addresses and payload is made wrong and not fixed after."""
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
        changes += [
            (position, step)
            for position, (step, item) in enumerate(scene.items)
            if isinstance(item, Trim)
        ]
        if changes and not _is_fixed(transport, max(changes)[0], scene):
            yield warning(
                max(changes)[1],
                "l4_checksum",
                f"bytes that the checksum of {name} covers change and it is not fixed "
                f"after; append {advice}",
            )
            continue
        write = scene.last_write(_address_bits(network, scene.width))
        if write is not None and not _is_fixed(transport, write.position, scene):
            yield warning(
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


def check_icmp(scene: Scene) -> Iterator[ProgramWarning]:
    """Bytes of an ICMP message are written, whose checksum nothing fixes."""
    for layer in scene.packet.layers:
        if layer.id == "ICMP":
            covered = span(layer.offset, scene.width, scene.width)
            write = scene.last_write(covered & ~_checksum_bits(layer, scene.width))
            if write is not None:
                yield warning(
                    write.step,
                    "icmp_checksum",
                    "the checksum of ICMP covers these bytes, and no instruction fixes it",
                )


def check_not_ipv4(scene: Scene) -> Iterator[ProgramWarning]:
    """A fix of an IPv4 header where there is none."""
    for step in scene.compiled.steps:
        if isinstance(step.instruction, FixIpv4):
            byte = step.instruction.offset.byte
            if IpHeader(byte, scene.packet.frame).version != 4:
                yield warning(
                    step, "not_ipv4", f"there is no IPv4 header at byte {byte} of the packet"
                )


def check_transport_types(scene: Scene) -> Iterator[ProgramWarning]:
    """A network card is told of another transport protocol than the packet has."""
    for step in scene.compiled.steps:
        fix = step.instruction
        if not isinstance(fix, FixChecksumHw) or fix.l4_type not in L4_NAMES:
            continue
        header = IpHeader(fix.l3_offset.byte, scene.packet.frame)
        found = _transport_at(fix.l4_offset.byte, header, scene.packet)
        if found not in ("TCP", "UDP") or found == L4_NAMES[fix.l4_type]:
            continue
        does = (
            "the engine goes by the packet"
            if header.version == 4
            else "the checksum is written where the packet has something else"
        )
        yield warning(
            step,
            "other_transport",
            f"{fix.l4_type} means {L4_NAMES[fix.l4_type]}, but the packet has {found}, and {does}; "
            f"give l4_type {TCP if found == 'TCP' else UDP}",
        )


def _transport_at(byte: int, header: IpHeader, packet: BuiltPacket) -> str | None:
    """What follows an IP header: by its own word, or beyond other headers by the layer there."""
    found = PROTOCOL_NAMES.get(header.protocol)
    at_byte = [layer for layer in packet.layers if layer.offset == byte]
    if header.version == 6 and found is None and at_byte:
        return headers.transport_protocol(at_byte[-1])
    return found


def check_ipv6_offsets(scene: Scene) -> Iterator[ProgramWarning]:
    """A transport header over IPv6 that is looked for where none begins."""
    for step in scene.compiled.steps:
        fix = step.instruction
        if not isinstance(fix, FixIcmpv6 | FixChecksumHw):
            continue
        l3 = fix.l3_offset.byte
        is_early = fix.l3_length < IPV6_BYTES
        if IpHeader(l3, scene.packet.frame).version != 6 or not (
            is_early or (isinstance(fix, FixIcmpv6) and fix.l3_length != IPV6_BYTES)
        ):
            continue
        yield warning(
            step,
            "transport_elsewhere",
            f"byte {fix.l4_offset.byte} is not where the message begins: the IPv6 header at byte "
            f"{l3} ends at {l3 + IPV6_BYTES}; give l4_offset {l3 + IPV6_BYTES}",
        )
