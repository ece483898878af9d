"""What the checks look at, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from scapy_server.engine.vm import FlowVar
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.effects import Effect, effects
from scapy_server.programs.instructions import TrimPacket
from scapy_server.programs.places import padded_length
from scapy_server.schema.programs import ProgramWarning

__all__ = ["ProgramWarning", "Scene", "warning"]


def warning(step: Step, code: str, message: str) -> ProgramWarning:
    """A warning about the instruction of a step."""
    return ProgramWarning(step.index, code, message)


@dataclass(frozen=True)
class Scene:
    """A compiled program over its packet, and what several checks want to know of it."""

    compiled: Compiled
    packet: BuiltPacket
    writes: tuple[Effect, ...] = field(init=False)
    width: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "writes", tuple(effects(self.compiled, self.packet)))
        object.__setattr__(self, "width", padded_length(self.packet))

    def last_write(self, bits: int) -> Effect | None:
        """The last write that changes one of the bits."""
        found = [effect for effect in self.writes if effect.bits & bits]
        return found[-1] if found else None

    def trims(self) -> Iterator[tuple[int, Step]]:
        """The trims with their positions."""
        for position, step in enumerate(self.compiled.steps):
            if isinstance(step.instruction, TrimPacket):
                yield position, step

    def trim_variable(self, step: Step) -> FlowVar:
        """The variable that a trim reads, as the engine knows it."""
        assert isinstance(step.instruction, TrimPacket)
        name = step.instruction.fv_name
        found = [
            i for i in self.compiled.vm.instructions if isinstance(i, FlowVar) and i.name == name
        ]
        return found[0]
