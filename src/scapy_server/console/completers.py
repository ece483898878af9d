"""What stands behind commands, completed: layers, fields, values, expressions, templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, matching
from scapy_server.desk.names import FieldRow, field_rows, layer_names
from scapy_server.desk.packet import JsonObject, Packet
from scapy_server.wording import printable

#: Where a path goes on, to a part or within one.
_STEP = re.compile(r"[.\[]")
_INNERMOST_CALL = re.compile(r"([\w.]+)\(([^()]*)$")


def complete_layer(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """The layers of the packet."""
    for name, layer in _named(packet):
        yield from matching([name], typed, printable(layer["name"]))


def complete_field(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """The layers of the packet, behind a dot their fields, and what is within these."""
    if " " in typed:
        return
    behind = [name for name, _ in _named(packet) if typed.startswith(f"{name}.")]
    if packet is None or not behind:
        for name, layer in _named(packet):
            yield from matching([f"{name}."], typed, printable(layer["name"]))
        return
    start = len(max(behind, key=len)) + 1
    next_ones: dict[str, FieldRow] = {}
    for row in field_rows(packet.layers):
        for path in (row.path, row.short_path):
            if path.startswith(typed[:start]) and _is_next(path, typed):
                next_ones.setdefault(path[start:], row)
    for text, row in next_ones.items():
        note = str(row.field["hvalue"] if row.has_value else row.field.get("name", ""))
        yield from matching([text], typed[start:], printable(note[:40]))


def _is_next(path: str, typed: str) -> bool:
    """Whether a path goes on from what is typed by no more than one step."""
    return not _STEP.search(path, len(typed) + 1)


def complete_value(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """A field, then the names of its values."""
    reference, blank, value = typed.partition(" ")
    if not blank:
        for choice in complete_field(catalogue, packet, typed):
            ending = "" if choice.text.endswith(".") else " "
            yield replace(choice, text=choice.text + ending)
        return
    for row in field_rows(packet.layers if packet is not None else ()):
        if row.is_called(reference) and row.defined_in:
            for definition in catalogue.fields(row.defined_in):
                if definition.id == row.field["id"]:
                    for name, number in (definition.values_dict or {}).items():
                        yield from matching([name], value, str(number))


def complete_expression(
    catalogue: Catalogue, packet: Packet | None, typed: str
) -> Iterator[Choice]:
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


def complete_append(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """What may follow the last layer, then everything else."""
    if not re.fullmatch(r"[\w.]*", typed):
        yield from complete_expression(catalogue, packet, typed)
        return
    offered: list[str] = []
    if packet is not None and packet.layers:
        offered = catalogue.payloads(packet.layers[-1]["id"])
        yield from matching(offered, typed, "may follow")
    if typed:
        yield from matching([each for each in catalogue.protocols if each not in offered], typed)


def complete_template(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """The ids of templates."""
    yield from matching(catalogue.templates(), typed)


def complete_method(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """The server's methods."""
    if " " not in typed:
        for name, (_, names) in catalogue.methods().items():
            yield from matching([name], typed, ", ".join(names))


def _named(packet: Packet | None) -> Iterator[tuple[str, JsonObject]]:
    layers = () if packet is None else packet.layers
    return zip(layer_names(layers), layers, strict=True)
