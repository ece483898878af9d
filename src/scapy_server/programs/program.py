"""A program as it comes in a request, read into instructions.

The JSON shape (`Request`) is checked first and is the caller's fault when wrong
(InvalidParams); what the instructions say is judged against the packet afterwards and is
a RefusedError with the instruction as its place.

Source: RPC document, "Field Engine VM instruction model".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scapy_server import limits
from scapy_server.errors import InvalidParams, RefusedError, located, shown
from scapy_server.programs import values
from scapy_server.programs.instructions import BY_ID, Instruction
from scapy_server.programs.parameters import Context
from scapy_server.wording import check_members, json_type, nearest

#: The members of a program; the last ones are those of results, which clients send back.
_EXPRESSIONS = "vm_instructions_expressions"
_OUTER = ("field_engine", _EXPRESSIONS)
_ENGINE = ("instructions", "global_parameters", "error", "warnings", _EXPRESSIONS)
_INSTRUCTION = ("id", "parameters", "extra")


@dataclass(frozen=True, slots=True)
class GivenInstruction:
    """An instruction as given: nothing but its JSON types is known to be right."""

    id: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Request:
    """The program in a request, before it is read."""

    instructions: tuple[GivenInstruction, ...] = ()
    cache_size: object = None
    unknown_globals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """The instructions, numbered as the client wrote them, and the cache (0: none)."""

    instructions: tuple[Instruction, ...]
    cache: int = 0


def parse_request(raw: object) -> Request:
    """The program in `{"field_engine": {…}}` or in nothing at all.

    Raises InvalidParams for the wrong JSON shape, RefusedError beyond the limits and for
    members that there are not.
    """
    outer = _object(raw, "the second parameter")
    check_members(outer, _OUTER, "the second parameter")
    engine = _object(outer.get("field_engine"), '"field_engine"')
    check_members(engine, _ENGINE, '"field_engine"')
    items = engine.get("instructions")
    if items is None:
        items = []
    if not isinstance(items, list):
        raise InvalidParams(f'"instructions" must be an array, not {json_type(items)}')
    limits.FIELD_ENGINE_INSTRUCTIONS.check(len(items))
    instructions = tuple(_given(item, index) for index, item in enumerate(items))
    global_parameters = _object(engine.get("global_parameters"), '"global_parameters"')
    unknown = tuple(name for name in global_parameters if name != "cache_size")
    return Request(instructions, global_parameters.get("cache_size"), unknown)


def _object(raw: object, what: str) -> Mapping[str, object]:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        raise InvalidParams(f"{what} must be an object, not {json_type(raw)}")
    return raw


def _given(raw: object, index: int) -> GivenInstruction:
    if not isinstance(raw, dict):
        raise InvalidParams(f"instruction {index} must be an object, not {json_type(raw)}")
    check_members(raw, _INSTRUCTION, f"instruction {index}")
    instruction_id = raw.get("id")
    if not isinstance(instruction_id, str):
        raise InvalidParams(
            f'instruction {index} needs an "id" that is text, not {json_type(instruction_id)}'
        )
    parameters = _object(raw.get("parameters"), f'"parameters" of instruction {index}')
    return GivenInstruction(instruction_id, parameters)


def read_program(request: Request, context: Context) -> Program:
    """The program with every parameter read; RefusedError says where it fails."""
    instructions: list[Instruction] = []
    for index, given in enumerate(request.instructions):
        with located(place(index, given.id)):
            cls = BY_ID.get(given.id)
            if cls is None:
                raise RefusedError(
                    f"there is no instruction {shown(given.id)}{nearest(given.id, BY_ID)}"
                )
            instructions.append(cls.read(given.parameters, context))
    with located("global parameters"):
        for name in request.unknown_globals:
            raise RefusedError(f"there is no parameter {shown(name)}; the only one is cache_size")
        with located("cache_size"):
            cache = _cache(request.cache_size, context)
    return Program(tuple(instructions), cache)


def place(index: int, instruction_id: str) -> str:
    """How errors name an instruction of a program."""
    return f"instruction {index} ({instruction_id[:60]})"


def _cache(raw: object, context: Context) -> int:
    value = values.unpack(raw, context.evaluate)
    if value is None or values.is_none_text(value):
        return 0
    packets = values.integer(value, "a whole number of packets (0: no cache)")
    limits.FIELD_ENGINE_CACHE_PACKETS.check(packets)
    return max(packets, 0)
