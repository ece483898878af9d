"""A program in the order in which the engine runs it, each step knowing where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scapy_server.engine.bounds import RANDOM_STATE_BYTES
from scapy_server.programs.instructions import FlowVariable, Instruction, Vm


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction at its place in the VM; `index` is its number in the program."""

    index: int
    instruction: Instruction

    @property
    def is_random(self) -> bool:
        """Whether the step makes a variable of the operation "random"."""
        return isinstance(self.instruction, FlowVariable) and self.instruction.op == "random"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program in the order in which the engine runs it."""

    steps: tuple[Step, ...]
    cache: int = 0

    def to_vm(self) -> Vm:
        """The VM as it goes to the engine; `cache` only where there is one."""
        vm: Vm = {"instructions": [step.instruction.to_vm() for step in self.steps]}
        return vm | {"cache": self.cache} if self.cache > 0 else vm

    def size_of(self, name: str) -> int:
        """The bytes of a variable; the engine's own have 4."""
        maker = self.variables.get(name)
        return RANDOM_STATE_BYTES if maker is None else maker.instruction.defines[name]

    @property
    def variables(self) -> Mapping[str, Step]:
        """Where each variable is made, by the names that writes use."""
        return {name: step for step in self.steps for name in step.instruction.defines}
