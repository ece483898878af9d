"""Commands that make a packet or another one of it: each asks the server and returns it.

A packet that was built is built again from its changed model, so lengths and checksums
follow. One that was dissected is changed in its bytes: everything else keeps them, and
resetting a field lets it be computed again.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from scapy_server.desk.errors import DeskError
from scapy_server.desk.models import (
    UNDEFINED,
    Model,
    changed_twice,
    changes,
    drawn,
    model_of_tree,
    random_value,
    with_change,
    with_computed,
    with_field,
    without_field,
)
from scapy_server.desk.packet import ETHERNET, JsonObject, LastRead, Packet, ProfileStream
from scapy_server.desk.questions import Asking, ask
from scapy_server.wording import base64_text

#: So many changes of a packet are made in one; then it is read again.
_MOST_CHANGES = 64


def built(model: Any, like: Packet | None = None) -> Asking[Packet]:
    """The packet of a model; what a capture or profile says of `like` stays with it."""
    kept = None if like is None else like.record
    result = yield from _with_link_type(
        "build_pkt", [model], None if kept is None else kept.link_type
    )
    packet = packet_of(result)
    return replace(packet, model=tuple(model), record=kept, stream=_stream_of(like))


def dissected(
    frame: bytes, like: Packet | None = None, link_type: int = ETHERNET
) -> Asking[Packet]:
    """The packet that a frame reads as."""
    kept = None if like is None else like.record
    params = [base64_text(frame), []]
    result = yield from _with_link_type(
        "reconstruct_pkt", params, link_type if kept is None else kept.link_type
    )
    return replace(packet_of(result), frame=frame, record=kept, stream=_stream_of(like))


def looked_at(packet: Packet) -> Asking[Packet]:
    """The packet with its field tree, which is asked for where it has none.

    One with a model is built again; should that give other bytes than it has, it is read from
    its bytes, which are the truth.
    """
    if packet.layers or not packet.frame:
        return packet
    if packet.model is not None:
        again = yield from built(packet.model, packet)
        if again.frame == packet.frame:
            return again
    return (yield from dissected(packet.frame, packet))


def from_expression(expression: str) -> Asking[Packet]:
    """The packet of a Scapy expression."""
    model = yield from ask("read_expression", expression)
    return (yield from built(model))


def set_field(packet: Packet, layer: int, field_id: str, value: Any) -> Asking[Packet]:
    """Give a field, or a part of one, a value."""
    if packet.model is None:
        return (yield from _changed(packet, layer, {"id": field_id, "value": value}))
    if value == UNDEFINED:
        # The server says it if there is no such field.
        yield from built(with_field(packet.model, layer, field_id, value), packet)
        return (yield from built(without_field(packet.model, layer, field_id), packet))
    changed = yield from built(with_field(packet.model, layer, field_id, value), packet)
    assert changed.model is not None
    return replace(changed, model=tuple(drawn(changed.model, changed.layers)))


def reset_field(packet: Packet, layer: int, field_id: str) -> Asking[Packet]:
    """Leave a field to its default, or to be computed."""
    return set_field(packet, layer, field_id, UNDEFINED)


def draw_field(
    packet: Packet, layer: int, field_id: str, seed: int | None = None
) -> Asking[Packet]:
    """Give a field a random value."""
    return set_field(packet, layer, field_id, random_value(seed))


def insert_part(packet: Packet, layer: int, field_id: str, value: Any) -> Asking[Packet]:
    """Put a part before the one that stands there: `options[1]`, at the end where it is the
    count."""
    return change_parts(packet, layer, [{"id": field_id, "insert": True, "value": value}])


def delete_part(packet: Packet, layer: int, field_id: str) -> Asking[Packet]:
    """Take a part out of its list."""
    return change_parts(packet, layer, [{"id": field_id, "delete": True}])


def change_parts(packet: Packet, layer: int, made: Sequence[JsonObject]) -> Asking[Packet]:
    """Make several changes of one layer at once: parts put in or taken out, fields reset."""
    if packet.model is None:
        return _changed(packet, layer, *made)
    model: Model = [dict(each) for each in packet.model]
    for change in made:
        model = with_change(model, layer, change)
    return built(model, packet)


def append_layers(packet: Packet, added: Sequence[JsonObject]) -> Asking[Packet]:
    """Put layers behind the last one."""
    if packet.model is not None:
        return built([*packet.model, *added], packet)
    present = [{"id": layer["id"]} for layer in packet.layers]
    return reconstructed(packet, [*present, *(dict(layer) for layer in added)])


def insert_layer(packet: Packet, position: int, layer: JsonObject) -> Asking[Packet]:
    """Put a layer before another; everything else keeps its values."""
    model = whole_model(packet)
    return built([*model[:position], dict(layer), *model[position:]], packet)


def move_layer(packet: Packet, position: int, target: int) -> Asking[Packet]:
    """Put a layer at another place among the layers."""
    model = whole_model(packet)
    if not (0 <= position < len(model) and 0 <= target < len(model)):
        raise DeskError("there is no layer beyond the first and the last")
    model.insert(target, model.pop(position))
    return built(model, packet)


def delete_layer(packet: Packet, position: int) -> Asking[Packet]:
    """Take one layer out; those behind it move up and keep their values."""
    model = whole_model(packet)
    if len(model) == 1:
        raise DeskError("a packet keeps one layer; delete the packet, or insert another first")
    if packet.model is None and position == len(model) - 1:
        return cut_layers(packet, position)
    return built([*model[:position], *model[position + 1 :]], packet)


def cut_layers(packet: Packet, position: int) -> Asking[Packet]:
    """Take a layer off, with all that follow it."""
    if position == 0:
        raise DeskError("without its first layer nothing is left of the packet")
    if packet.model is not None:
        return built(packet.model[:position], packet)
    present: Model = [{"id": layer["id"]} for layer in packet.layers[:position]]
    present.append({"id": packet.layers[position]["id"], "delete": True})
    return reconstructed(packet, present)


def write_bytes(packet: Packet, start: int, stop: int, data: bytes) -> Asking[Packet]:
    """Replace a range of the packet's bytes, as many by as many as are given.

    The packet is one that was dissected from then on. Raises DeskError for a range outside.
    """
    if not 0 <= start <= stop <= len(packet.frame):
        raise DeskError(f"the packet has the bytes 0 to {len(packet.frame) - 1}")
    frame = packet.frame[:start] + data + packet.frame[stop:]
    if not frame:
        raise DeskError("a packet keeps at least one byte")
    return dissected(frame, packet)


def reconstructed(packet: Packet, model: Any) -> Asking[Packet]:
    """The packet after changes to its bytes, as reconstruct_pkt takes them.

    They are made to the bytes that were last read, with what was changed since: what it has
    now may read as other layers, as where a length ends before them or has not followed.
    """
    change, last = LastRead(packet.frame, tuple(model)), packet.last_read
    sets_fields = all({"id", "fields"}.issuperset(layer) for layer in change.changes)
    keeps_layers = sets_fields and len(change.changes) <= len(packet.layers)
    if last is not None and keeps_layers:
        change = LastRead(last.frame, tuple(changed_twice(last.changes, change.changes)))
    params = [base64_text(change.frame), list(change.changes)]
    result = yield from _with_link_type("reconstruct_pkt", params, packet.link_type)
    after = replace(packet_of(result), record=packet.record, stream=packet.stream)
    if not keeps_layers or not _are_as(after, packet) or _count(change) > _MOST_CHANGES:
        return after
    settled = LastRead(change.frame, with_computed(change.changes, after.layers))
    return replace(after, last_read=settled)


def _are_as(packet: Packet, other: Packet) -> bool:
    return [layer["id"] for layer in packet.layers] == [layer["id"] for layer in other.layers]


def _count(change: LastRead) -> int:
    return sum(len(layer["fields"]) for layer in change.changes if "fields" in layer)


def whole_model(packet: Packet) -> Model:
    """The model of a packet: what it was built from, else every value that it holds."""
    if packet.model is None:
        return model_of_tree(packet.layers)
    return [dict(layer) for layer in packet.model]


def packet_of(result: Any) -> Packet:
    """The packet in a reply; DeskError for a reply that holds none."""
    try:
        layers = tuple(result["data"])
        frame = base64.b64decode(result["binary"] or "", validate=True)
        for layer in layers:
            _ = layer["id"], layer["offset"], layer["fields"]
    except (TypeError, KeyError, ValueError, binascii.Error):
        raise DeskError("the server's answer holds no packet") from None
    problem = result.get("problem")
    return Packet(frame, layers, problem=None if problem is None else str(problem))


def _stream_of(like: Packet | None) -> ProfileStream | None:
    return None if like is None else like.stream


def _changed(packet: Packet, layer: int, *made: JsonObject) -> Asking[Packet]:
    return reconstructed(packet, changes(packet.layers, layer, *made))


def _with_link_type(method: str, params: list[Any], link_type: int | None) -> Asking[Any]:
    """Ask with the link type only where it says something, for servers that know none."""
    if link_type is not None and link_type != ETHERNET:
        params = [*params, link_type]
    return (yield from ask(method, *params))
