"""The program at hand as the server compiles, explains and plays it."""

from __future__ import annotations

from scapy_server.desk.editing import whole_model
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import JsonObject, Packet, Program
from scapy_server.desk.questions import Asking, ask
from scapy_server.wording import base64_text


def compiled(packet: Packet, program: Program) -> Asking[JsonObject]:
    """The VM (`instructions`) and `warnings` of a program; DeskError says why it is none."""
    outcome = yield from _outcome(packet, program)
    if outcome.get("error"):
        raise DeskError(str(outcome["error"]))
    return outcome


def with_instruction(packet: Packet, program: Program, added: JsonObject) -> Asking[Program]:
    """The program with one more instruction at its end.

    Raises DeskError where that one is wrong; what was wrong with others before stays as it is.
    """
    longer = Program((*program.instructions, added), program.global_parameters)
    outcome = yield from _outcome(packet, longer)
    error = str(outcome.get("error") or "")
    if error.startswith(f"instruction {len(program.instructions)} "):
        raise DeskError(error)
    return longer


def explained(packet: Packet, program: Program) -> Asking[JsonObject]:
    """What a program does, as `explain_program` tells it; DeskError where it is none."""
    extra = {"field_engine": program.to_json()}
    told = yield from ask("explain_program", whole_model(packet), extra)
    if not isinstance(told, dict) or "summary" not in told:
        raise DeskError("the server's answer explains no program")
    if told.get("error"):
        raise DeskError(str(told["error"]))
    return told


def played(packet: Packet, program: Program, start: int, count: int) -> Asking[JsonObject]:
    """Packets of the stream with what changes in each, as `render_packets` tells it."""
    if packet.model is None:
        source: object = {"binary": base64_text(packet.frame)}
    else:
        source = whole_model(packet)
    options = {"start": start, "count": count, "detail": "changes"}
    extra = {"field_engine": program.to_json()}
    rendered = yield from ask("render_packets", source, extra, options)
    if not isinstance(rendered, dict) or not isinstance(rendered.get("packets"), list):
        raise DeskError("the server's answer holds no packets")
    return rendered


def _outcome(packet: Packet, program: Program) -> Asking[JsonObject]:
    extra = {"field_engine": program.to_json()}
    built = yield from ask("build_pkt_ex", whole_model(packet), extra)
    outcome = built.get("field_engine") if isinstance(built, dict) else None
    if not isinstance(outcome, dict) or not isinstance(outcome.get("instructions"), dict):
        raise DeskError("the server's answer holds no program")
    return outcome
