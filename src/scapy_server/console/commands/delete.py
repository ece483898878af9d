"""`delete`: layers cut off, and parts taken out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from scapy_server.console.answers import Answer
from scapy_server.console.catalogue import Catalogue
from scapy_server.console.command import Choice, Command
from scapy_server.console.completers import complete_field, complete_layer
from scapy_server.console.seat import Seat
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.names import find_field, find_layer, layer_names
from scapy_server.desk.packet import Packet


def delete(seat: Seat, argument: str) -> Answer:
    """Cut a layer off, with all that follow it, or take a part out of a field."""
    if not argument:
        raise DeskError("delete what? Write delete UDP, or delete TCP.options[1]")
    layers = seat.session.packet.layers
    if "." not in argument or argument in layer_names(layers):
        index = find_layer(layers, argument)
        return seat.edit(f"delete {argument}", partial(editing.cut_layers, position=index))
    layer, field_id = find_field(layers, argument)
    return seat.edit(
        f"delete {argument}", partial(editing.delete_part, layer=layer, field_id=field_id)
    )


def _complete(catalogue: Catalogue, packet: Packet | None, typed: str) -> Iterator[Choice]:
    complete = complete_field if "." in typed else complete_layer
    return complete(catalogue, packet, typed)


COMMAND = Command(
    "delete",
    delete,
    "Cut off a layer, with all that follow it; or take out an item of a list or a header line.",
    "LAYER | LAYER.FIELD[N]",
    ("delete UDP", "delete IP:1", "delete TCP.options[1]", "delete HTTPRequest.Host"),
    _complete,
)
