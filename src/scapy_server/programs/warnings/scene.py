"""What the checks look at, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scapy_server.engine.vm import VmInstruction
from scapy_server.engine.writes import VariableWrite, bits_of, writes_of
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.places import padded_length
from scapy_server.schema.programs import ProgramWarning

__all__ = ["Effect", "ProgramWarning", "Scene", "warning"]


@dataclass(frozen=True)
class Effect:
    """A write: its place in the VM, what the engine does there, and the bits that change.

    Bits are sets, as `engine.bits` has them; `size` is that of the variable.
    """

    position: int
    step: Step
    write: VariableWrite
    bits: int
    size: int


def warning(step: Step, code: str, message: str) -> ProgramWarning:
    """A warning about the instruction of a step."""
    return ProgramWarning(step.index, code, message)


@dataclass(frozen=True)
class Scene:
    """A compiled program over its packet, and what several checks want to know of it."""

    compiled: Compiled
    packet: BuiltPacket

    @cached_property
    def width(self) -> int:
        """The bytes of the packet, padded."""
        return padded_length(self.packet)

    @property
    def items(self) -> Iterator[tuple[Step, VmInstruction]]:
        """The steps, each with what the engine knows of it."""
        return zip(self.compiled.steps, self.compiled.vm.instructions, strict=True)

    @cached_property
    def writes(self) -> tuple[Effect, ...]:
        """What each write does, in the order in which they run."""
        steps, vm = self.compiled.steps, self.compiled.vm
        sizes = vm.sizes
        return tuple(
            Effect(position, steps[position], does, bits_of(does, self.width), sizes[does.name])
            for position, does in writes_of(vm)
        )

    def last_write(self, bits: int) -> Effect | None:
        """The last write that changes one of the bits."""
        found = [effect for effect in self.writes if effect.bits & bits]
        return found[-1] if found else None
