"""The door of the package: a request's program over a packet, with what is wrong as text.

Errors of the program are part of the answer, since the packet is good without it; only
a wrong JSON shape (InvalidParams) is an error of the request.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from scapy_server.errors import ScapyServerError
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compile import compile_program
from scapy_server.programs.compiled import Compiled, RawVm
from scapy_server.programs.explain import explain
from scapy_server.programs.parameters import Context
from scapy_server.programs.program import Request, parse_request, read_program
from scapy_server.programs.warnings import ProgramWarning, find_warnings
from scapy_server.schema.programs import EngineResult, Explanation

__all__ = ["Outcome", "explained", "parse_request", "run"]


@dataclass(frozen=True)
class Outcome:
    """A program over a packet: compiled, or the sentence that says why not."""

    compiled: Compiled | None
    error: str | None
    warnings: list[ProgramWarning]

    @property
    def vm(self) -> RawVm:
        """The VM; empty where the program has an error."""
        return {} if self.compiled is None else self.compiled.raw

    def to_result(self) -> EngineResult:
        """The member `field_engine` of an extended packet."""
        return EngineResult(self.vm, self.error, self.warnings)


def run(request: Request, packet: BuiltPacket, context: Context) -> Outcome:
    """Read, check and compile a program; never raises a ScapyServerError."""
    try:
        program = read_program(request, context)
        compiled = compile_program(program, packet)
    except ScapyServerError as error:
        return Outcome(None, error.detail, [])
    return Outcome(compiled, None, find_warnings(compiled, packet))


def explained(outcome: Outcome, packet: BuiltPacket) -> Explanation:
    """What the program does, with its error and warnings."""
    if outcome.compiled is None:
        return Explanation(outcome.error, outcome.warnings)
    explanation = explain(outcome.compiled, packet)
    return msgspec.structs.replace(explanation, warnings=outcome.warnings)
