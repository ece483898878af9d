"""Changing the packet at hand.

A packet that was built is built again from its changed model, so lengths and checksums
follow. One that was dissected is changed in place: everything else keeps its bytes, and
`unset` lets a field be computed again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scapy_server.client.calls import Calls
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, Desk, layers_of, matching
from scapy_server.console.commands.packets import built, complete_expression, model_from
from scapy_server.console.session import PacketState, Session
from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import (
    UNDEFINED,
    changes,
    drawn,
    random_value,
    with_field,
    without_field,
)
from scapy_server.desk.names import find_field, find_layer, layer_names
from scapy_server.desk.packet import JsonObject
from scapy_server.desk.typed import value_of
from scapy_server.wording import printable


def set_field(desk: Desk, argument: str) -> None:
    """Give a field a value."""
    reference, _, text = argument.partition(" ")
    if not reference or not text.strip():
        raise DeskError("set what to what? Write set IP.ttl 9, or unset IP.ttl")
    _change(desk, reference, value_of(text.strip()))


def unset_field(desk: Desk, argument: str) -> None:
    """Leave a field to its default or to be computed."""
    if not argument:
        raise DeskError("unset what? Write unset IP.chksum")
    _change(desk, argument, UNDEFINED)


def random_field(desk: Desk, argument: str) -> None:
    """Give a field a random value."""
    if not argument:
        raise DeskError("which field? Write random IP.src")
    _change(desk, argument, random_value())


def append(desk: Desk, argument: str) -> None:
    """Put layers behind the last one."""
    if not argument:
        raise DeskError("append what? Write append UDP, or append UDP(dport=53)/DNS()")
    packet = desk.session.packet
    bare = re.fullmatch(r"[\w.]+", argument)
    added = [{"id": argument}] if bare else model_from(desk, argument)
    if not isinstance(added, list):
        raise DeskError("a packet model is an array of layers")
    if packet.model is not None:
        desk.take(_rebuilt(desk, [*packet.model, *added]))
    else:
        present = [{"id": layer["id"]} for layer in packet.layers]
        desk.take(_reconstructed(desk, [*present, *added]))


def delete(desk: Desk, argument: str) -> None:
    """Cut a layer off, with all that follow it."""
    if not argument:
        raise DeskError("delete which layer, with all behind it? Write delete UDP")
    packet = desk.session.packet
    index = find_layer(packet.layers, argument)
    if index == 0:
        desk.take(None)
    elif packet.model is not None:
        desk.take(_rebuilt(desk, packet.model[:index]))
    else:
        present: list[dict[str, Any]] = [{"id": layer["id"]} for layer in packet.layers[:index]]
        present.append({"id": packet.layers[index]["id"], "delete": True})
        desk.take(_reconstructed(desk, present))


def _change(desk: Desk, reference: str, value: Any) -> None:
    packet = desk.session.packet
    index, field_id = find_field(packet.layers, reference)
    if packet.model is None:
        desk.take(
            _reconstructed(desk, changes(packet.layers, index, {"id": field_id, "value": value}))
        )
    elif value == UNDEFINED:
        # The server says it if there is no such field.
        _rebuilt(desk, with_field(packet.model, index, field_id, value))
        desk.take(_rebuilt(desk, without_field(packet.model, index, field_id)))
    else:
        changed = _rebuilt(desk, with_field(packet.model, index, field_id, value))
        assert changed.model is not None
        desk.take(replace(changed, model=tuple(drawn(changed.model, changed.layers))))


def _rebuilt(desk: Desk, model: Any) -> PacketState:
    before = desk.session.packet
    return replace(built(desk, model, before.program), position=before.position)


def _reconstructed(desk: Desk, model: Any) -> PacketState:
    before = desk.session.packet
    result = desk.wire.ask(Calls.reconstruct_pkt(before.frame, model))
    return replace(before, frame=result.frame, layers=layers_of(result))


def _named(packet: PacketState) -> Iterator[tuple[str, JsonObject]]:
    return zip(layer_names(packet.layers), packet.layers, strict=True)


def complete_layer(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """The layers of the packet."""
    if session.current is not None:
        for name, layer in _named(session.current):
            yield from matching([name], typed, printable(layer["name"]))


def complete_field(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """The layers of the packet, and their fields behind a dot."""
    if session.current is None or " " in typed:
        return
    layer_name, dot, field = typed.rpartition(".")
    for name, layer in _named(session.current):
        if dot and name == layer_name:
            for item in layer["fields"]:
                yield from matching([item["id"]], field, printable(str(item["hvalue"])[:40]))
        else:
            yield from matching([f"{name}."], typed, printable(layer["name"]))


def complete_value(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """A field, then the names of its values."""
    reference, blank, value = typed.partition(" ")
    if not blank:
        for choice in complete_field(catalogue, session, typed):
            ending = "" if choice.text.endswith(".") else " "
            yield replace(choice, text=choice.text + ending)
        return
    layer_id, _, field_id = reference.rpartition(".")
    for definition in catalogue.fields(layer_id.partition(":")[0]):
        if definition.id == field_id:
            for name, number in (definition.values_dict or {}).items():
                yield from matching([name], value, str(number))


def complete_append(catalogue: Catalogue, session: Session, typed: str) -> Iterator[Choice]:
    """What may follow the last layer, then everything else."""
    if re.fullmatch(r"[\w.]*", typed):
        offered: list[str] = []
        if session.current is not None and session.current.layers:
            offered = catalogue.payloads(session.current.layers[-1]["id"])
            yield from matching(offered, typed, "may follow")
        if typed:
            others = [layer_id for layer_id in catalogue.protocols if layer_id not in offered]
            yield from matching(others, typed)
    else:
        yield from complete_expression(catalogue, session, typed)


COMMANDS = (
    Command(
        "set",
        set_field,
        "Give a field a value: a number, text or name as the field takes it, JSON for the other "
        "value forms, b'...' for bytes.",
        "LAYER.FIELD VALUE",
        ("set IP.ttl 9", "set IP:1.src 16.0.0.7", "set TCP.options [('MSS', 1460)]"),
        complete_value,
    ),
    Command(
        "unset",
        unset_field,
        "Leave a field to its default, or to be computed.",
        "LAYER.FIELD",
        ("unset IP.chksum",),
        complete_field,
    ),
    Command(
        "random",
        random_field,
        "Give a field a random value.",
        "LAYER.FIELD",
        ("random IP.src",),
        complete_field,
    ),
    Command(
        "append",
        append,
        "Put layers behind the last one.",
        "LAYER|EXPRESSION|JSON",
        ("append UDP", "append UDP(dport=53)/DNS()"),
        complete_append,
    ),
    Command(
        "delete",
        delete,
        "Cut off a layer, with all that follow it.",
        "LAYER",
        ("delete UDP", "delete IP:1"),
        complete_layer,
    ),
)
