"""A program in the order in which the engine runs it, each step knowing where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scapy_server.engine.vm import Vm
from scapy_server.programs.instructions import Instruction

#: A vm as it goes over the wire.
RawVm = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """An instruction at its place in the VM; `index` is its number in the program."""

    index: int
    instruction: Instruction


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program in the order in which the engine runs it; `vm` is what the engine knows of it.

    A step and the instruction of the vm at the same place are the same. `raw` is the VM as it
    goes to the engine.
    """

    steps: tuple[Step, ...]
    vm: Vm
    raw: RawVm


def raw_vm(steps: tuple[Step, ...], cache: int) -> RawVm:
    """The VM of some steps; `cache` only where there is one."""
    vm: RawVm = {"instructions": [step.instruction.to_vm() for step in steps]}
    return vm | {"cache": cache} if cache > 0 else vm
