"""What a packet says of itself that its bytes contradict: lengths, counts and checksums."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from scapy_server.desk.editing import built, reconstructed
from scapy_server.desk.models import UNDEFINED, Model, without_field
from scapy_server.desk.names import layer_names
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Asking

#: The ids of a layer's fields that are computed where nobody sets them.
Automatic = Callable[[str], Collection[str]]


@dataclass(frozen=True)
class Contradiction:
    """A field with another value than the one that would be computed for it."""

    path: str
    layer: int
    field_id: str
    value: str
    computed: str


def contradictions(packet: Packet, automatic: Automatic) -> Asking[list[Contradiction]]:
    """Have all such fields computed, together for they cover one another, and compare."""
    model = computed_anew(packet, automatic)
    if not any(layer["fields"] for layer in model):
        return []
    computed = yield from reconstructed(packet, model)
    if [layer["id"] for layer in computed.layers] != [layer["id"] for layer in packet.layers]:
        return []  # computing changes how it reads, so there is nothing to compare
    return list(_differing(packet, computed, automatic))


def computed(packet: Packet, fields: Sequence[tuple[int, str]]) -> Asking[Packet]:
    """Have fields computed, each named by its layer's index and its id."""
    if packet.model is not None:
        model: Model = [dict(layer) for layer in packet.model]
        for layer, field_id in fields:
            model = without_field(model, layer, field_id)
        return built(model, packet)
    model = [{"id": layer["id"], "fields": []} for layer in packet.layers]
    for layer, field_id in fields:
        model[layer]["fields"].append({"id": field_id, "value": UNDEFINED})
    return reconstructed(packet, model)


def computed_anew(
    packet: Packet, automatic: Automatic, but: Collection[tuple[int, str]] = ()
) -> Model:
    """The changes that have all such fields of a dissected packet computed, `but` some."""
    return [
        {
            "id": layer["id"],
            "fields": [
                {"id": field["id"], "value": UNDEFINED}
                for field in layer["fields"]
                if field["id"] in automatic(str(layer["id"]))
                and not field.get("ignored")
                and (index, field["id"]) not in but
            ],
        }
        for index, layer in enumerate(packet.layers)
    ]


def _differing(packet: Packet, computed: Packet, automatic: Automatic) -> Iterator[Contradiction]:
    names = layer_names(packet.layers)
    for index, (layer, other) in enumerate(zip(packet.layers, computed.layers, strict=True)):
        others = {field["id"]: field for field in other["fields"]}
        for field in layer["fields"]:
            would_be = others.get(field["id"])
            if field["id"] not in automatic(str(layer["id"])) or would_be is None:
                continue
            if field.get("value") != would_be.get("value") and not field.get("ignored"):
                yield Contradiction(
                    f"{names[index]}.{field['id']}",
                    index,
                    str(field["id"]),
                    str(field.get("hvalue")),
                    str(would_be.get("hvalue")),
                )
