"""`fields`: what a layer holds."""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.client.calls import Calls
from scapy_server.console.answers import Answer, Table
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command, matching
from scapy_server.console.seat import Seat
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet
from scapy_server.schema.definitions import FieldDefinition


def fields(seat: Seat, argument: str) -> Answer:
    """The fields of a layer: what they take, and what they are where nothing is given."""
    if not argument:
        raise DeskError("the fields of which layer? Write fields IP; layers lists them")
    defined = seat.wire.ask(Calls.get_definitions([argument])).protocols[0]
    rows = [
        (each.id, _form(each), "computed" if each.auto is True else "", each.name)
        for each in defined.fields
    ]
    heads = ("id", "takes", "computed", "name")
    values = [
        {**dict(zip(heads, row, strict=True)), "computed": bool(row[2]), "values": _names(each)}
        for row, each in zip(rows, defined.fields, strict=True)
    ]
    return Table(heads, rows, values, headed=False)


def _form(field: FieldDefinition) -> str:
    """What the field takes: a range of numbers, or what its definition calls it."""
    if isinstance(field.min, int) and isinstance(field.max, int):
        return f"{field.min} to {field.max}"
    return next((form for form in (field.format, field.type) if isinstance(form, str)), "")


def _names(field: FieldDefinition) -> dict[str, int]:
    return field.values_dict if isinstance(field.values_dict, dict) else {}


def _complete(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    """The layers of the server."""
    yield from matching(list(catalogue.protocols), typed)


COMMAND = Command(
    "fields",
    fields,
    "List the fields of a layer: what they take, which are computed where nothing is given, and "
    "their names.",
    "LAYER",
    ("fields IP",),
    _complete,
)
