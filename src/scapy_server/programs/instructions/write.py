"""STLVmWrFlowVar and STLVmWrMaskFlowVar: variables go into the packet."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.variable_rules import bytes_of
from scapy_server.engine.vm import VmInstruction, WriteMask, WriteVar
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs import parameters as p
from scapy_server.programs import places
from scapy_server.programs.instructions.base import Instruction, RawInstruction, VmContext, refuse
from scapy_server.programs.parameters import argument
from scapy_server.programs.places import MaskWrite, Place

_FV_NAME_HELP = "The variable to write; of a tuple NAME.ip or NAME.port."
_FIXUP_HELP = "Bytes to add to the offset, to write further on than a field begins. Default: 0."
_OFFSET_HELP = (
    "Where to write: a field such as IP.src or IP:1.src (the second IP layer), or a byte "
    "number from 0."
)
_IS_BIG_HELP = "Whether the most significant byte comes first, as in networks. Default: true."


class Write(Instruction):
    """What both writes have: a variable, and the place where its bytes go.

    Each write declares these parameters among its own, in the order in which clients show them.
    """

    fv_name: str
    pkt_offset: Place
    offset_fixup: int
    is_big: bool

    def check(self) -> None:
        if self.byte < 0:
            problem = f"the write would begin at byte {self.byte}, before the packet"
            raise refuse("offset_fixup", problem)

    @property
    def byte(self) -> int:
        """The first byte written."""
        return self.pkt_offset.byte + self.offset_fixup

    @property
    def uses(self) -> str:
        return self.fv_name

    def to_vm(self) -> RawInstruction:
        return super().to_vm() | {"pkt_offset": self.byte}

    @classmethod
    def from_vm(cls, entry: Any, context: VmContext) -> dict[str, Any]:
        found = super().from_vm(entry, context)
        if context.packet is not None:
            name = cls._field_at(entry, context.packet, context.sizes.get(entry.name))
            found["pkt_offset"] = name or entry.pkt_offset
        target = {name: found.pop(name) for name in ("fv_name", "pkt_offset")}
        return {**target, "offset_fixup": 0, **found}

    @classmethod
    @abstractmethod
    def _field_at(cls, entry: Any, packet: BuiltPacket, size: int | None) -> str | None:
        """The name of the field where a variable of so many bytes is written, if there is one."""

    @property
    def _target(self) -> str:
        """Where it writes, in words."""
        return f"{where(self.pkt_offset, self.byte)}{'' if self.is_big else ', low byte first'}"


@dataclass(frozen=True)
class WriteVariable(Write):
    """The bytes of a variable replace bytes of the packet."""

    id: ClassVar[str] = "STLVmWrFlowVar"
    vm: ClassVar[type[VmInstruction]] = WriteVar
    vm_parameters: ClassVar[Mapping[str, str]] = {
        "name": "fv_name",
        "add_value": "add_val",
        "is_big_endian": "is_big",
    }
    summary: ClassVar[str] = (
        "Writes a variable into the packet: as many bytes as the variable has, from the offset "
        "on. The size of the variable must be that of the field; for fields that are not whole "
        "bytes there is STLVmWrMaskFlowVar. Checksums and lengths are not updated by a write."
    )
    example: ClassVar[Mapping[str, Any]] = {"fv_name": "source", "pkt_offset": "IP.src"}

    fv_name: str = argument(p.FV_NAME, _FV_NAME_HELP)
    pkt_offset: Place = argument(p.PKT_OFFSET, _OFFSET_HELP)
    offset_fixup: int = argument(p.OFFSET_FIXUP, _FIXUP_HELP, 0)
    add_val: int = argument(
        p.ADD_VAL,
        "A number to add before writing, may be negative; the sum wraps at the variable's "
        "size. Default: 0.",
        0,
    )
    is_big: bool = argument(p.IS_BIG, _IS_BIG_HELP, True)

    @classmethod
    def _field_at(cls, entry: WriteVar, packet: BuiltPacket, size: int | None) -> str | None:
        return None if size is None else places.field_name(packet, entry.pkt_offset, size)

    def sentence(self) -> str:
        return f"Writes {self.fv_name}{_added(self.add_val)} to {self._target}."


@dataclass(frozen=True)
class WriteMaskVariable(Write):
    """Some bits of the packet are replaced by bits of a variable."""

    id: ClassVar[str] = "STLVmWrMaskFlowVar"
    vm: ClassVar[type[VmInstruction]] = WriteMask
    vm_parameters: ClassVar[Mapping[str, str]] = {"name": "fv_name", "is_big_endian": "is_big"}
    summary: ClassVar[str] = (
        "Writes a variable into some bits of the packet: the value is shifted, and only the "
        "bits that are set in the mask replace those of the packet. This is how fields that "
        "are not whole bytes are varied."
    )
    example: ClassVar[Mapping[str, Any]] = {
        "fv_name": "vlan",
        "pkt_offset": "Dot1Q.vlan",
        "pkt_cast_size": "2",
        "mask": "0x0fff",
        "shift": "0",
    }

    fv_name: str = argument(p.FV_NAME, _FV_NAME_HELP)
    pkt_offset: Place = argument(
        p.PKT_OFFSET, _OFFSET_HELP + " Of a field that is not whole bytes: its first byte."
    )
    pkt_cast_size: int = argument(
        p.PKT_CAST_SIZE, "How many bytes of the packet to change: 1, 2 or 4. Default: 1.", 1
    )
    mask: int = argument(
        p.MASK, "The bits to replace, among those of the bytes to change. Default: 0xff.", 0xFF
    )
    shift: int = argument(
        p.SHIFT,
        "Bits to shift the value to the left, or to the right if negative. Default: 0.",
        0,
    )
    add_value: int = argument(
        p.ADD_VALUE, "A number to add before shifting, may be negative. Default: 0.", 0
    )
    offset_fixup: int = argument(p.OFFSET_FIXUP, _FIXUP_HELP, 0)
    is_big: bool = argument(p.IS_BIG, _IS_BIG_HELP, True)

    @classmethod
    def from_vm(cls, entry: WriteMask, context: VmContext) -> dict[str, Any]:
        return super().from_vm(entry, context) | {"mask": f"{entry.mask:#x}"}

    @classmethod
    def _field_at(cls, entry: WriteMask, packet: BuiltPacket, size: int | None) -> str | None:
        write = MaskWrite(entry.pkt_offset, entry.pkt_cast_size, entry.mask, entry.shift)
        return places.masked_field_name(packet, write) if entry.is_big_endian else None

    def sentence(self) -> str:
        value = self.fv_name + _added(self.add_value)
        if self.shift:
            direction = "left" if self.shift > 0 else "right"
            value += f", shifted {abs(self.shift)} to the {direction},"
        return (
            f"Writes {value} through the mask {self.mask:#x} to the "
            f"{bytes_of(self.pkt_cast_size)} at {self._target}."
        )


def _added(number: int) -> str:
    return f" {'plus' if number > 0 else 'minus'} {abs(number)}" if number else ""


def where(place: Place, byte: int) -> str:
    """A place in words."""
    if not place.name:
        return f"byte {byte}"
    moved = byte - place.byte
    return f"{place.name}{f' {moved:+d}' if moved else ''} (byte {byte})"
