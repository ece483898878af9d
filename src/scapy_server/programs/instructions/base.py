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

from scapy_server.errors import RefusedError, located, shown
from scapy_server.numbers import whole_number
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.parameters import Argument, Context
from scapy_server.wording import json_type, nearest

Vm = dict[str, Any]
Self = TypeVar("Self", bound="Instruction")


@dataclasses.dataclass(frozen=True)
class Instruction(ABC):
    """One instruction of a program, with its parameters read."""

    #: The name in programs, the `type` of its VM form.
    id: ClassVar[str]
    vm_type: ClassVar[str]
    #: What it does, for the help, and the parameters of one example.
    summary: ClassVar[str]
    example: ClassVar[Mapping[str, Any]]

    @classmethod
    def arguments(cls) -> tuple[Argument, ...]:
        """The parameters in their order."""
        return _arguments(cls)

    @classmethod
    def read(cls: type[Self], given: Mapping[str, object], context: Context) -> Self:
        """The instruction with these parameters; RefusedError names the one at fault."""
        arguments = {argument.parameter.id: argument for argument in cls.arguments()}
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

    @abstractmethod
    def to_vm(self) -> Vm:
        """The VM form, key for key as the engine's own client library writes it."""

    @classmethod
    @abstractmethod
    def from_vm(cls, entry: VmEntry, context: VmContext) -> dict[str, Any]:
        """The parameters that compile to the entry, fields named where the packet is given."""

    @abstractmethod
    def sentence(self) -> str:
        """What the instruction does, with its values."""


@functools.cache
def _arguments(cls: type[Instruction]) -> tuple[Argument, ...]:
    return tuple(item.metadata["argument"] for item in dataclasses.fields(cls))


def refuse(parameter: str, problem: str) -> RefusedError:
    """The error that blames one parameter of an instruction."""
    return RefusedError(problem, (f"parameter {parameter}",))


@dataclasses.dataclass(frozen=True)
class VmContext:
    """What decompiling may ask: the packet, for names, and the bytes of each variable."""

    packet: BuiltPacket | None
    sizes: Mapping[str, int]


class VmEntry:
    """One entry of a VM, read key by key; what was not asked for is left in `extra`."""

    def __init__(self, entry: Mapping[str, object]) -> None:
        self._entry = entry
        self._read: set[str] = {"type"}

    @property
    def extra(self) -> dict[str, object]:
        """The keys that no instruction parameter stands for."""
        return {key: value for key, value in self._entry.items() if key not in self._read}

    def __contains__(self, key: str) -> bool:
        return self._entry.get(key) is not None

    def integer(self, key: str, default: int | None = None) -> int:
        """A number, as JSON number or text; RefusedError when missing or other."""
        value = self._get(key, default)
        number = whole_number(value)
        if number is None:
            raise RefusedError(f"key {key} must be a whole number, not {json_type(value)}")
        return number

    def text(self, key: str) -> str:
        """A text."""
        value = self._get(key, None)
        if not isinstance(value, str):
            raise RefusedError(f"key {key} must be a text, not {json_type(value)}")
        return value

    def optional_text(self, key: str) -> str | None:
        """A text, None when the key is missing, null or empty."""
        self._read.add(key)
        return self.text(key) or None if key in self else None

    def truth(self, key: str, default: bool) -> bool:
        """A boolean."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise RefusedError(f"key {key} must be a boolean, not {json_type(value)}")
        return value

    def integers(self, key: str) -> list[int]:
        """A list of numbers."""
        value = self._get(key, None)
        if not isinstance(value, list) or not all(
            isinstance(item, int) and not isinstance(item, bool) for item in value
        ):
            raise RefusedError(f"key {key} must be an array of whole numbers")
        return value

    def _get(self, key: str, default: object) -> object:
        self._read.add(key)
        value = self._entry.get(key)
        if value is None:
            if default is None:
                raise RefusedError(f"the key {shown(key)} is missing")
            return default
        return value
