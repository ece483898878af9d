"""The Field Engine program that varies the packet at hand.

Source: RPC document, "Build Packet and VM instructions"; docs/wire.md,
"Field Engine".
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scapy_server.client import ClientError
from scapy_server.client.calls import Calls
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, Desk, matching
from scapy_server.console.session import PacketState, Session
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import is_instruction, model_of_tree
from scapy_server.desk.packet import Program
from scapy_server.desk.typed import from_json
from scapy_server.wording import printable

_METHOD_NOT_FOUND = -32601
_ACTIONS = ("list", "add", "remove", "global", "compile")


def fe(desk: Desk, argument: str) -> None:
    """List, change or compile the program."""
    action, _, rest = argument.partition(" ")
    rest = rest.strip()
    packet = desk.session.packet
    if action in ("", "list"):
        list_program(desk, packet.program)
    elif action == "add":
        _take(desk, _with(packet.program, _instruction(rest)))
    elif action == "remove":
        _take(desk, _without(packet.program, rest))
    elif action == "global":
        given = _assignments(shlex_words(rest))
        if not given:
            raise DeskError("which parameter? Write fe global cache_size=1000")
        parameters = {**packet.program.global_parameters, **given}
        _take(desk, replace(packet.program, global_parameters=parameters))
    elif action == "compile":
        _compile(desk, packet)
    else:
        raise DeskError(f"fe cannot {action!r}; write {', '.join(_ACTIONS)}")


def _take(desk: Desk, program: Program) -> None:
    desk.session.become(replace(desk.session.packet, program=program))
    list_program(desk, program)


def list_program(desk: Desk, program: Program) -> None:
    """Print the instructions and the global parameters."""
    # From 0, as the server counts them in what it says of a program.
    for number, instruction in enumerate(program.instructions):
        parameters = (instruction.get("parameters") or {}).items()
        words = [f"{name}={_shown(value)}" for name, value in parameters]
        desk.out.line(printable(" ".join([f"{number:>3}", str(instruction.get("id")), *words])))
    if not program.instructions:
        desk.out.line("no instructions")
    shown = " ".join(f"{name}={value}" for name, value in program.global_parameters.items())
    if shown:
        desk.out.line(printable(f"    global {shown}"), "dim")


def _shown(value: Any) -> str:
    if isinstance(value, dict) and value.get("vtype") == "EXPRESSION":
        value = value.get("expr")
    text = value if isinstance(value, str) else json.dumps(value)
    return shlex.quote(text) if text else "''"


def _instruction(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        instruction = from_json(text)
        if not is_instruction(instruction):
            raise DeskError('an instruction has an "id", a text, and "parameters", an object')
        return {"id": instruction["id"], "parameters": instruction.get("parameters") or {}}
    words = shlex_words(text)
    if not words or "=" in words[0]:
        raise DeskError("add which instruction? Write fe add STLVmFlowVar name=ttl size=1")
    return {"id": words[0], "parameters": _assignments(words[1:])}


def _assignments(words: list[str]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise DeskError(f"{word!r} is not a parameter; write name=value")
        # A list is an expression to the server, everything else it takes as text.
        parameters[name] = {"vtype": "EXPRESSION", "expr": value} if value[:1] == "[" else value
    return parameters


def shlex_words(text: str) -> list[str]:
    """The words of a line, with quotes as in a shell; DeskError for a lone quote."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise DeskError(f"{error}".lower()) from None


def _with(program: Program, instruction: dict[str, Any]) -> Program:
    return replace(program, instructions=(*program.instructions, instruction))


def _without(program: Program, which: str) -> Program:
    if which == "all":
        return replace(program, instructions=())
    count = len(program.instructions)
    if not (which.isascii() and which.isdigit() and int(which[:9]) < count):
        numbers = f"has the instructions 0 to {count - 1}" if count else "has no instructions"
        raise DeskError(f"remove which one? The program {numbers}; fe remove all is for all")
    position = int(which)
    kept = program.instructions[:position] + program.instructions[position + 1 :]
    return replace(program, instructions=kept)


def _compile(desk: Desk, packet: PacketState) -> None:
    model = model_of_tree(packet.layers) if packet.model is None else list(packet.model)
    extra = {"field_engine": packet.program.to_json()}
    outcome = desk.wire.ask(Calls.build_pkt_ex(model, extra)).field_engine
    if outcome.error:
        raise DeskError(outcome.error)
    desk.out.json(outcome.instructions)
    for warning in outcome.warnings:
        desk.out.line(f"warning: {printable(warning.message)}", "yellow")
    _explain(desk, model, extra)
    desk.out.success()


def _explain(desk: Desk, model: Any, extra: Any) -> None:
    """What the program does, in words, where the server can tell."""
    try:
        explained = desk.wire.ask(Calls.explain_program(model, extra))
    except ClientError as error:
        if error.code != _METHOD_NOT_FOUND:
            raise
        return
    desk.out.line(printable(explained.summary))


def complete_fe(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """Actions, then instructions and their parameters."""
    action, blank, rest = typed.partition(" ")
    if not blank:
        yield from matching(_ACTIONS, typed)
    elif action == "add":
        instruction, blank, parameters = rest.partition(" ")
        known = catalogue.instructions()
        if not blank:
            yield from matching(list(known), instruction)
        else:
            last = parameters.rpartition(" ")[2]
            names = [f"{name}=" for name in known.get(instruction, ()) if f"{name}=" not in rest]
            yield from matching(names, last)
    elif action == "remove":
        yield from matching(["all"], rest)


COMMANDS = (
    Command(
        "fe",
        fe,
        "List, change or compile the Field Engine program of the packet.",
        "[list | add ID NAME=VALUE ... | remove N|all | global NAME=VALUE | compile]",
        (
            "fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9",
            "fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl",
            "fe compile",
        ),
        complete_fe,
    ),
)
