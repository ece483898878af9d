"""Where packets come from, and looking at them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from scapy_server.client.calls import Calls
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, Desk, layers_of, matching
from scapy_server.console.commands.field_engine import list_program
from scapy_server.console.session import PacketState, Session
from scapy_server.console.view import position, size_text
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import is_instruction
from scapy_server.desk.names import layer_names
from scapy_server.desk.packet import Program
from scapy_server.desk.typed import from_json
from scapy_server.errors import RefusedError
from scapy_server.schema.templates import read_template
from scapy_server.wording import printable

_INNERMOST_CALL = re.compile(r"([\w.]+)\(([^()]*)$")


def built(desk: Desk, model: Any, program: Program = Program()) -> PacketState:  # noqa: B008
    """The packet of a model."""
    result = desk.wire.ask(Calls.build_pkt(model))
    return PacketState(result.frame, layers_of(result), tuple(model), program)


def dissected(desk: Desk, frame: bytes) -> PacketState:
    """The packet that an Ethernet frame reads as."""
    result = desk.wire.ask(Calls.reconstruct_pkt(frame, []))
    return PacketState(frame, layers_of(result), None)


def model_from(desk: Desk, text: str) -> Any:
    """The packet model that JSON or an expression stands for."""
    if text.startswith("["):
        return from_json(text)
    return desk.wire.ask(Calls.read_expression(text))


def build(desk: Desk, argument: str) -> None:
    """Build a packet from an expression or a model."""
    if not argument:
        raise DeskError("build what? Write build Ether()/IP()/UDP()")
    desk.take(built(desk, model_from(desk, argument)))


def hex_bytes(desk: Desk, argument: str) -> None:
    """Dissect bytes, or dump those of the packet at hand."""
    if not argument:
        desk.out.dump(desk.session.packet)
        return
    digits = re.sub(r"0[xX]|[\s:,]", "", argument)
    try:
        frame = bytes.fromhex(digits)
    except ValueError:
        raise DeskError("these are not bytes in hexadecimal, two digits each") from None
    desk.take(dissected(desk, frame))


def show(desk: Desk, argument: str) -> None:
    """Print the packet at hand."""
    desk.out.packet(desk.session.packet, len(desk.session.capture))


def offsets(desk: Desk, argument: str) -> None:
    """Where every field lies."""
    rows: list[tuple[str, ...]] = [("field", "in layer", "in packet", "size")]
    layers = desk.session.packet.layers
    for name, layer in zip(layer_names(layers), layers, strict=True):
        for item in layer["fields"]:
            absent = item.get("ignored")
            rows.append(
                (
                    f"{name}.{item['id']}",
                    "-" if absent else position(item["bit_offset"]),
                    "-" if absent else position(8 * layer["offset"] + item["bit_offset"]),
                    "absent" if absent else size_text(item["bit_length"]),
                )
            )
    desk.out.columns(rows)


def payloads(desk: Desk, argument: str) -> None:
    """The layers that may follow the last one."""
    model = [{"id": layer["id"]} for layer in desk.session.packet.layers]
    offered = desk.wire.ask(Calls.get_payload_classes(model))
    desk.out.lines(printable(layer_id) for layer_id in offered)


def templates(desk: Desk, argument: str) -> None:
    """The ready-made packets."""
    listed = desk.wire.ask(Calls.get_templates())
    rows = [
        (printable(item.id), printable(item.meta.description or item.meta.name)) for item in listed
    ]
    desk.out.columns(rows)


def template(desk: Desk, argument: str) -> None:
    """Take up a ready-made packet."""
    if not argument:
        raise DeskError("which template? templates lists them")
    content = desk.wire.ask(Calls.get_template(argument))
    if not content:
        raise DeskError(f"there can be no template {argument!r}; templates lists them")
    desk.take(from_document(desk, content))


def from_document(desk: Desk, content: bytes) -> PacketState:
    """The packet and program of a packet editor's document (`.trp`)."""
    try:
        document = read_template(content)
    except RefusedError as error:
        raise DeskError(error.problem) from None
    if not all(map(is_instruction, document.fe_instructions)):
        raise DeskError("the Field Engine program of the document is not one")
    parameters = document.fe_parameters or Program().global_parameters
    program = Program(tuple(document.fe_instructions), dict(parameters))
    return built(desk, document.packet, program)


def undo(desk: Desk, argument: str) -> None:
    """One step back."""
    _step(desk, desk.session.undo)


def redo(desk: Desk, argument: str) -> None:
    """One step forth again."""
    _step(desk, desk.session.redo)


def _step(desk: Desk, take: Callable[[], None]) -> None:
    """Go through the history, and print what that has changed: the packet or its program."""
    before = desk.session.current
    take()
    after = desk.session.current
    if before and after and replace(before, program=after.program) == after:
        list_program(desk, after.program)
    else:
        desk.show()


def complete_expression(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """Layers, and inside a layer's brackets its fields."""
    call = _INNERMOST_CALL.search(typed)
    if call:
        last = call.group(2).rpartition(",")[2].lstrip()
        if "=" not in last:
            for definition in catalogue.fields(call.group(1)):
                name = f"{definition.id}="
                yield from matching([name], last, printable(definition.name))
        return
    word = re.split(r"[/\s]", typed)[-1]
    if word and re.fullmatch(r"[\w.]*", word):
        for choice in matching(list(catalogue.protocols), word):
            name = printable(catalogue.protocols[choice.text].name)
            yield Choice(f"{choice.text}(", choice.replaces, name)


def complete_template(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """The ids of templates."""
    yield from matching(catalogue.templates(), typed)


COMMANDS = (
    Command(
        "build",
        build,
        "Build a packet from a Scapy expression or a packet model.",
        "EXPRESSION|JSON",
        ("build Ether()/IP(dst='1.2.3.4')/UDP()", 'build [{"id": "Ether"}, {"id": "IP"}]'),
        complete_expression,
    ),
    Command(
        "hex",
        hex_bytes,
        "Dissect an Ethernet frame given in hexadecimal; alone, dump the bytes of the packet.",
        "[BYTES]",
        ("hex 000000010000 000000020000 9000",),
    ),
    Command("show", show, "Print the packet: its fields, and its bytes in the same colours."),
    Command("offsets", offsets, "List the place and size of every field, to the bit."),
    Command("payloads", payloads, "List the layers that may follow the last one."),
    Command("templates", templates, "List the ready-made packets."),
    Command(
        "template",
        template,
        "Take up a ready-made packet.",
        "ID",
        ("template TCP-SYN",),
        complete_template,
    ),
    Command("undo", undo, "Take the last step back."),
    Command("redo", redo, "Take a step again that was undone."),
)
