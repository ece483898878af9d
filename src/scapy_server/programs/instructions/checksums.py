"""STLVmFixIpv4, STLVmFixChecksumHw and STLVmFixIcmpv6: checksums after writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.headers import IP, TCP, UDP
from scapy_server.engine.vm import FixHardware, FixICMPv6, FixIPv4, VmInstruction
from scapy_server.programs import parameters as p
from scapy_server.programs import places
from scapy_server.programs.instructions.base import Instruction, RawInstruction, VmContext, refuse
from scapy_server.programs.instructions.write import where
from scapy_server.programs.parameters import argument
from scapy_server.programs.places import Place

L4_NAMES = {UDP: "UDP", TCP: "TCP"}
MINIMUM_L3_BYTES = 8  # the least that the engine's client library takes for an IP header

_L3_HELP = "The IP header: a layer such as IP, IP:1 or IPv6, or a byte number from 0."


@dataclass(frozen=True)
class FixIpv4(Instruction):
    """The checksum of an IPv4 header is computed anew."""

    id: ClassVar[str] = "STLVmFixIpv4"
    vm: ClassVar[type[VmInstruction]] = FixIPv4
    vm_parameters: ClassVar[Mapping[str, str]] = {"pkt_offset": "offset"}
    summary: ClassVar[str] = (
        "Computes the checksum of an IPv4 header in software. Place it after the last write "
        "into that header. The checksums of TCP and UDP are left alone."
    )
    example: ClassVar[Mapping[str, Any]] = {"offset": "IP"}

    offset: Place = argument(
        p.OFFSET, "The IPv4 header: a layer such as IP or IP:1, or a byte number from 0."
    )

    def to_vm(self) -> RawInstruction:
        return super().to_vm() | {"pkt_offset": self.offset.byte}

    @classmethod
    def from_vm(cls, entry: FixIPv4, context: VmContext) -> dict[str, Any]:
        return {"offset": _named(context, entry.pkt_offset)}

    def sentence(self) -> str:
        return f"Computes the IPv4 checksum of {where(self.offset, self.offset.byte)}."


class FixTransport(Instruction):
    """What both fixes of transport headers have: that header, and the IP header before it."""

    vm_parameters: ClassVar[Mapping[str, str]] = {"l2_len": "l3_offset", "l3_len": "l4_offset"}

    l3_offset: Place
    l4_offset: Place

    def check(self) -> None:
        if self.l4_offset.byte < self.l3_offset.byte + MINIMUM_L3_BYTES:
            raise refuse(
                "l4_offset",
                f"byte {self.l4_offset.byte} is not behind the IP header at byte "
                f"{self.l3_offset.byte}; it must be {MINIMUM_L3_BYTES} bytes or more after it",
            )

    @property
    def l3_length(self) -> int:
        """Bytes from the IP header to the transport header."""
        return self.l4_offset.byte - self.l3_offset.byte

    def to_vm(self) -> RawInstruction:
        return super().to_vm() | {"l2_len": self.l3_offset.byte, "l3_len": self.l3_length}

    @classmethod
    def from_vm(cls, entry: Any, context: VmContext) -> dict[str, Any]:
        l2, l3 = entry.l2_len, entry.l3_len
        places = {
            "l3_offset": _named(context, l2),
            "l4_offset": _named(context, l2 + l3) if l3 else 0,
        }
        return super().from_vm(entry, context) | places


@dataclass(frozen=True)
class FixChecksumHw(FixTransport):
    """The network card completes the checksums of IPv4 and TCP or UDP."""

    id: ClassVar[str] = "STLVmFixChecksumHw"
    vm: ClassVar[type[VmInstruction]] = FixHardware
    summary: ClassVar[str] = (
        "Lets the network card compute the checksums of the IPv4 header and of TCP or UDP, "
        "over IPv4 or IPv6. Place it after the last write into these headers."
    )
    example: ClassVar[Mapping[str, Any]] = {
        "l3_offset": "IP",
        "l4_offset": "TCP",
        "l4_type": "13",
    }

    l3_offset: Place = argument(p.L3_OFFSET, _L3_HELP)
    l4_offset: Place = argument(
        p.L4_OFFSET, "The TCP or UDP header: a layer, or a byte number from 0."
    )
    l4_type: int = argument(
        p.L4_TYPE,
        "11: UDP, 13: TCP, 17: whatever the IPv4 header says (the offset of the transport "
        "header may then be 0).",
    )

    @property
    def _is_left_to_the_engine(self) -> bool:
        return self.l4_type == IP and not self.l4_offset.byte

    def check(self) -> None:
        if not self._is_left_to_the_engine:
            super().check()

    @property
    def l3_length(self) -> int:
        """Bytes from the IP header to the transport header; 0 leaves it to the engine."""
        return 0 if self._is_left_to_the_engine else super().l3_length

    def sentence(self) -> str:
        l4 = L4_NAMES.get(self.l4_type, "transport")
        return (
            "Has the network card compute the IP checksum of "
            f"{where(self.l3_offset, self.l3_offset.byte)} and the {l4} checksum."
        )


@dataclass(frozen=True)
class FixIcmpv6(FixTransport):
    """The checksum of an ICMPv6 message is computed anew."""

    id: ClassVar[str] = "STLVmFixIcmpv6"
    vm: ClassVar[type[VmInstruction]] = FixICMPv6
    summary: ClassVar[str] = (
        "Computes the checksum of an ICMPv6 message in software. Place it after the last write "
        "into the IPv6 header or the message. The message must follow the IPv6 header directly."
    )
    example: ClassVar[Mapping[str, Any]] = {"l3_offset": "IPv6", "l4_offset": "ICMPv6EchoRequest"}

    l3_offset: Place = argument(p.L3_OFFSET, "The IPv6 header: a layer, or a byte number from 0.")
    l4_offset: Place = argument(
        p.L4_OFFSET,
        "The ICMPv6 message: a layer such as ICMPv6EchoRequest, or a byte number from 0.",
    )

    def sentence(self) -> str:
        return f"Computes the ICMPv6 checksum of {where(self.l4_offset, self.l4_offset.byte)}."


def _named(context: VmContext, byte: int) -> int | str:
    name = None if context.packet is None else places.layer_name(context.packet, byte)
    return byte if name is None else name
