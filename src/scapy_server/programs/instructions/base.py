"""What every instruction class has: parameters, compilation, decompilation, a sentence.

A subclass is a frozen dataclass whose fields are its parameters as read, each declared
with `parameters.argument`; everything that clients are told of it is derived from that.
"""

from __future__ import annotations

import dataclasses
import functools
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from scapy_server.engine.vm import VmInstruction, type_name
from scapy_server.errors import RefusedError, located, shown
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.parameters import Argument, Context
from scapy_server.wording import nearest

#: An instruction of a vm as it goes over the wire.
RawInstruction = dict[str, Any]
Self = TypeVar("Self", bound="Instruction")


@dataclasses.dataclass(frozen=True)
class Instruction(ABC):
    """One instruction of a program, with its parameters read."""

    #: The name in programs, and what the engine knows it as.
    id: ClassVar[str]
    vm: ClassVar[type[VmInstruction]]
    #: The parameters of which keys of the VM form are made, where they go by another name.
    vm_parameters: ClassVar[Mapping[str, str]] = {}
    #: What it does, for the help, and the parameters of one example.
    summary: ClassVar[str]
    example: ClassVar[Mapping[str, Any]]

    @classmethod
    def arguments(cls) -> tuple[Argument, ...]:
        """The parameters in their order."""
        return tuple(_by_name(cls).values())

    @classmethod
    def read(cls: type[Self], given: Mapping[str, object], context: Context) -> Self:
        """The instruction with these parameters; RefusedError names the one at fault."""
        arguments = _by_name(cls)
        for name in given:
            if name not in arguments:
                raise RefusedError(
                    f"{cls.id} has no parameter {shown(name)}{nearest(name, arguments)}"
                )
        read = {}
        for name, argument in arguments.items():
            if name in given or argument.required:
                with located(f"parameter {name}"):
                    read[name] = argument.read(given.get(name), context)
        instruction = cls(**read)
        instruction.check()
        return instruction

    def check(self) -> None:  # noqa: B027, nothing to check is common
        """Refuse parameters that do not go together (RefusedError)."""

    @property
    def defines(self) -> Mapping[str, int]:
        """The variables that the instruction makes, with their bytes."""
        return {}

    @property
    def uses(self) -> str | None:
        """The variable that the instruction reads."""
        return None

    def to_vm(self) -> RawInstruction:
        """The VM form, key for key as the engine's own client library writes it."""
        made = {key: getattr(self, parameter) for key, parameter in self._parameters().items()}
        return {"type": type_name(self.vm), **made}

    @classmethod
    def from_vm(cls, entry: Any, context: VmContext) -> dict[str, Any]:
        """The parameters that compile to the parsed instruction, which is a `vm`.

        Fields are named where the packet is given.
        """
        given = {name: getattr(entry, key) for key, name in cls._parameters().items()}
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def _parameters(cls) -> Mapping[str, str]:
        """The keys of the VM form, each with the parameter that it is made of."""
        return {key: cls.vm_parameters.get(key, key) for key in cls.vm.__struct_fields__}

    @abstractmethod
    def sentence(self) -> str:
        """What the instruction does, with its values."""


@functools.cache
def _by_name(cls: type[Instruction]) -> Mapping[str, Argument]:
    arguments = (item.metadata["argument"] for item in dataclasses.fields(cls))
    return {argument.parameter.id: argument for argument in arguments}


def refuse(parameter: str, problem: str) -> RefusedError:
    """The error that blames one parameter of an instruction."""
    return RefusedError(problem, (f"parameter {parameter}",))


@dataclasses.dataclass(frozen=True)
class VmContext:
    """What decompiling may ask: the packet, for names, and the bytes of each variable."""

    packet: BuiltPacket | None
    sizes: Mapping[str, int]
