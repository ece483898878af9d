"""What is said of Field Engine programs: compiled, explained, and read back from a VM.

Source: RPC document, "Build Packet and VM instructions"; docs/wire.md, "Field Engine".
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.schema.results import PacketResult

#: A count: beyond 63 bits it is decimal text, and None where nobody can tell it.
Count = int | str | None


class ProgramWarning(msgspec.Struct, frozen=True):
    """A warning; `instruction` is its number in the program, None for the whole program."""

    instruction: int | None
    code: str
    message: str


class EngineResult(msgspec.Struct, frozen=True):
    """What became of a Field Engine program: the VM, or the error that there is none for.

    `instructions` is the VM, empty if there is none. `vm_instructions_expressions` is what
    older clients look for, and always empty.
    """

    instructions: dict[str, Any]
    error: str | None
    warnings: list[ProgramWarning] = []
    vm_instructions_expressions: list[Any] = []


class ProgramResult(PacketResult, frozen=True, kw_only=True):
    """A packet with its Field Engine program: the result of `build_pkt_ex`."""

    field_engine: EngineResult


class ExplainedInstruction(msgspec.Struct, frozen=True):
    """A sentence about an instruction; `instruction` is its number in the program."""

    instruction: int
    id: str
    text: str


class ExplainedVariable(msgspec.Struct, frozen=True):
    """How many values a variable of so many bytes takes, at most if not `exact`."""

    name: str
    size: int
    distinct_values: Count
    exact: bool


class Explanation(msgspec.Struct, frozen=True):
    """What a program does: the result of `explain_program`.

    Of the stream there are `period` (packets after which it repeats, None when that is random
    or cannot be said), `uncached_period` (what it would be without the cache), `lead` (packets
    before, that do not come again), `distinct_packets` and `distinct_flows`. Where `exact` is
    false the numbers are upper bounds. A program with an `error` has none of them.
    """

    error: str | None = None
    warnings: list[ProgramWarning] = []
    instructions: list[ExplainedInstruction] = []
    variables: list[ExplainedVariable] = []
    lead: Count = None
    period: Count = None
    uncached_period: Count = None
    distinct_packets: Count = None
    distinct_flows: Count = None
    exact: bool = False
    summary: str = "The program has an error."


class ReadInstruction(msgspec.Struct, frozen=True, omit_defaults=True):
    """An instruction of a VM, named; `extra` are members that no parameter stands for."""

    id: str
    parameters: dict[str, Any]
    extra: dict[str, Any] = {}


class ReadProgram(msgspec.Struct, frozen=True):
    """The program of a VM: the result of `decompile_vm_raw`."""

    instructions: list[ReadInstruction]
    global_parameters: dict[str, int] | msgspec.UnsetType = msgspec.UNSET
    warnings: list[ProgramWarning] = []
