"""Which bits of the packet each instruction changes, and to what.

Bits are sets written as integers: the packet read as one big-endian number, so that byte 0
is the most significant. A write of a variable gives the bits that a value sets; a checksum
fix changes the checksum's bytes to what the rest of the packet says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.headers import CHECKSUM_OFFSETS
from scapy_server.programs.instructions import (
    FixChecksumHw,
    FixIcmpv6,
    FixIpv4,
    WriteMaskVariable,
    WriteVariable,
)
from scapy_server.programs.instructions.checksums import TCP, UDP
from scapy_server.programs.places import padded_length

IPV4_CHECKSUM_OFFSET = 10
_UINT32 = (1 << 32) - 1


@dataclass(frozen=True)
class Effect:
    """The bits that a step changes; `variable` is None for what is computed from the rest."""

    position: int
    step: Step
    variable: str | None
    bits: int
    size: int = 0
    width: int = 0

    def written(self, value: int) -> int:
        """The bits of the packet that a value of the variable sets, among `bits`."""
        instruction = self.step.instruction
        if isinstance(instruction, WriteVariable):
            stored = (value + instruction.add_val) % (1 << 8 * self.size)
            return self._placed(stored, self.size, instruction.byte, instruction.is_big)
        assert isinstance(instruction, WriteMaskVariable)
        size = mask_write_size(instruction, self.size)
        value = mask_write_value(instruction, value, self.size)
        value &= effective_mask(instruction, self.size)
        return self._placed(value, size, instruction.byte, instruction.is_big)

    def _placed(self, value: int, size: int, byte: int, is_big: bool) -> int:
        return placed(value, size, byte, self.width, is_big) & self.bits


def mask_write_size(write: WriteMaskVariable, size: int) -> int:
    """Bytes that a mask write changes: with the low byte first, the variable's (up to 4)."""
    return write.pkt_cast_size if write.is_big else min(size, 4)


def effective_mask(write: WriteMaskVariable, size: int) -> int:
    """The bits of the mask that lie in the bytes that are changed."""
    return write.mask % (1 << 8 * mask_write_size(write, size))


def mask_write_value(write: WriteMaskVariable, value: int, size: int) -> int:
    """The shifted sum, before the mask: 32 bits, of 8-byte variables one half."""
    if size == 8 and write.is_big:
        value >>= 32
    total = (value + write.add_value) & _UINT32
    return (total << write.shift) & _UINT32 if write.shift >= 0 else total >> -write.shift


def placed(value: int, size: int, byte: int, width: int, is_big: bool = True) -> int:
    """A value of `size` bytes at that byte of a packet of `width` bytes."""
    if not is_big:
        value = int.from_bytes(value.to_bytes(size, "little"), "big")
    return value << 8 * (width - byte - size)


def span(begin: int, end: int, width: int) -> int:
    """The bits of the bytes from `begin` up to, not including, `end`."""
    end = min(end, width)
    return 0 if begin >= end else placed((1 << 8 * (end - begin)) - 1, end - begin, begin, width)


def field_span(first_bit: int, length: int, width: int) -> int:
    """The bits of a field."""
    return ((1 << length) - 1) << (8 * width - first_bit - length)


def effects(compiled: Compiled, packet: BuiltPacket) -> Iterator[Effect]:
    """What each step changes, in the order in which they run."""
    width = padded_length(packet)
    sizes = {
        name: size for step in compiled.steps for name, size in step.instruction.defines.items()
    }
    for position, step in enumerate(compiled.steps):
        match step.instruction:
            case WriteVariable() as write:
                size = sizes.get(write.fv_name, 4)
                bits = span(write.byte, write.byte + size, width)
                yield Effect(position, step, write.fv_name, bits, size, width)
            case WriteMaskVariable() as write:
                size = sizes.get(write.fv_name, 4)
                changed = mask_write_size(write, size)
                bits = placed(effective_mask(write, size), changed, write.byte, width, write.is_big)
                yield Effect(position, step, write.fv_name, bits, size, width)
            case FixIpv4() as fix:
                begin = fix.offset.byte + IPV4_CHECKSUM_OFFSET
                yield Effect(position, step, None, span(begin, begin + 2, width))
            case FixChecksumHw() as fix:
                yield Effect(position, step, None, _hw_bits(fix, packet, width))
            case FixIcmpv6() as fix:
                begin = fix.l4_offset.byte + CHECKSUM_OFFSETS["ICMPv6"]
                yield Effect(position, step, None, span(begin, begin + 2, width))
            case _:
                pass


def _hw_bits(fix: FixChecksumHw, packet: BuiltPacket, width: int) -> int:
    l3 = fix.l3_offset.byte
    bits = 0
    if packet.frame[l3] >> 4 == 4:
        bits = span(l3 + IPV4_CHECKSUM_OFFSET, l3 + IPV4_CHECKSUM_OFFSET + 2, width)
    names = {TCP: "TCP", UDP: "UDP"}
    if fix.l4_type in names:
        begin = fix.l4_offset.byte + CHECKSUM_OFFSETS[names[fix.l4_type]]
        bits |= span(begin, begin + 2, width)
    return bits
