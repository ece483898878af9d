"""The instructions of the Field Engine, one class each, in the order clients list them.

Nouns: an **instruction** is a frozen dataclass whose fields are its parameters, declared with
`parameters.argument`; `check` refuses what does not go together, `vm` is what the engine knows
it as, `to_vm` and `from_vm` are the way there and back, `sentence` says what it does. `base` has
what they share.

`program`, `compile`, `decompile` and `explain` call them, and `catalogue` describes them to
clients, all from the list here. What is wrong is a RefusedError that names the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping

from scapy_server.engine.vm import VmInstruction
from scapy_server.programs.instructions.base import Instruction, RawInstruction, VmContext
from scapy_server.programs.instructions.checksums import FixChecksumHw, FixIcmpv6, FixIpv4
from scapy_server.programs.instructions.flow_variable import FlowVariable
from scapy_server.programs.instructions.repeatable_random import RepeatableRandom
from scapy_server.programs.instructions.trim import TrimPacket
from scapy_server.programs.instructions.tuple_generator import TupleGenerator
from scapy_server.programs.instructions.write import WriteMaskVariable, WriteVariable

INSTRUCTIONS: tuple[type[Instruction], ...] = (
    FlowVariable,
    WriteVariable,
    WriteMaskVariable,
    FixIpv4,
    TrimPacket,
    TupleGenerator,
    RepeatableRandom,
    FixIcmpv6,
    FixChecksumHw,
)

BY_ID: Mapping[str, type[Instruction]] = {cls.id: cls for cls in INSTRUCTIONS}
BY_VM: Mapping[type[VmInstruction], type[Instruction]] = {cls.vm: cls for cls in INSTRUCTIONS}

__all__ = [
    "BY_ID",
    "BY_VM",
    "INSTRUCTIONS",
    "FixChecksumHw",
    "FixIcmpv6",
    "FixIpv4",
    "FlowVariable",
    "Instruction",
    "RawInstruction",
    "RepeatableRandom",
    "TrimPacket",
    "TupleGenerator",
    "VmContext",
    "WriteMaskVariable",
    "WriteVariable",
]
