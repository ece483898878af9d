"""STLVmTrimPktSize: packets of varying length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from scapy_server.engine.vm import Trim, VmInstruction
from scapy_server.programs import parameters as p
from scapy_server.programs.instructions.base import Instruction
from scapy_server.programs.parameters import argument


@dataclass(frozen=True)
class TrimPacket(Instruction):
    """The packet is cut to the number of bytes in a variable."""

    id: ClassVar[str] = "STLVmTrimPktSize"
    vm: ClassVar[type[VmInstruction]] = Trim
    vm_parameters: ClassVar[Mapping[str, str]] = {"name": "fv_name"}
    summary: ClassVar[str] = (
        "Cuts the packet to the number of bytes in a variable of 2 bytes, counted without the "
        "4 bytes of the frame check sequence. Length fields are not updated: write them with "
        "the same variable and a negative number to add."
    )
    example: ClassVar[Mapping[str, Any]] = {"fv_name": "length"}

    fv_name: str = argument(p.FV_NAME, "The variable with the length, an STLVmFlowVar of size 2.")

    @property
    def uses(self) -> str:
        return self.fv_name

    def sentence(self) -> str:
        return f"Cuts the packet to {self.fv_name} bytes."
