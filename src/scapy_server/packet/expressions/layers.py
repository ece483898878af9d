"""The layers of expressions: how a call makes one and how `/` stacks two."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from scapy.packet import NoPayload, Packet, Raw

from scapy_server import limits
from scapy_server.errors import RefusedError, shown
from scapy_server.packet.expressions.arithmetic import Budget
from scapy_server.packet.frames import tracer
from scapy_server.packet.layers import scapy_state
from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.header_lines import has_lines
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import stack_on
from scapy_server.packet.values.field_values import assign


def new_layer(layer: LayerFacts, arguments: Sequence[Any], budget: Budget) -> Packet:
    """The layer that a call without named arguments makes.

    Without arguments it has its defaults; one argument is the bytes to dissect, or for
    Raw the payload as bytes or text.
    """
    packet = _from_bytes(layer, arguments, budget) if arguments else _default(layer.cls)
    budget.charge(layers=layers_in(packet))
    return packet


def made(
    layer: LayerFacts, values: Sequence[tuple[str, Any]], registry: Registry, budget: Budget
) -> Packet:
    """The layer that a call with these named arguments makes."""
    packet = new_layer(layer, [], budget)
    facts = layer if type(packet) is layer.cls else registry.of_class(type(packet))
    given = {registry.field(facts, name).id: (name, value) for name, value in values}
    if len(given) < len(values):
        raise RefusedError(f"a field of {layer.id} is given twice")
    values = [value for _, value in given.values()]
    fields = [registry.field(facts, name) for name, _ in given.values()]
    for index in setting_order(packet, fields):
        assign(packet, fields[index], values[index])
    return packet


def setting_order(packet: Packet, fields: Sequence[FieldFacts]) -> Sequence[int]:
    """The order in which the fields that a text gives to a packet are set, by their numbers.

    As Scapy does, whatever the order of the text; but a field whose type depends on others is
    set after them, and header lines are written in the order in which they are set.
    """
    if has_lines(packet):
        return range(len(fields))

    def place(number: int) -> tuple[bool, int]:
        field = fields[number]
        return field.holds_packet_type or field.is_named_by_packet, field.index

    return sorted(range(len(fields)), key=place)


def stacks(lower: object, upper: object) -> bool:
    """Whether `lower / upper` is about layers rather than numbers."""
    return isinstance(lower, Packet) or isinstance(upper, Packet)


def stacked(lower: object, upper: object, registry: Registry) -> Packet:
    """`lower / upper` in place: what an expression makes has no other user."""
    bottom, top = (_as_layer(value, registry) for value in (lower, upper))
    last = bottom
    count = 1
    while not isinstance(last.payload, NoPayload):
        last = last.payload
        count += 1
    above = top
    while not isinstance(above, NoPayload):
        above = above.payload
        count += 1
    limits.LAYERS.check(count)
    stack_on(last, top)
    return bottom


def _as_layer(value: object, registry: Registry) -> Packet:
    if isinstance(value, Packet):
        return value
    if not isinstance(value, str | bytes):
        raise RefusedError(f"/ stacks layers, bytes and texts, not {shown(value)}")
    return _raw(registry.of_class(Raw), value)


def _from_bytes(layer: LayerFacts, arguments: Sequence[Any], budget: Budget) -> Packet:
    if len(arguments) > 1:
        raise RefusedError("takes one argument without a name, the bytes to dissect")
    data = arguments[0]
    if issubclass(layer.cls, Raw) and isinstance(data, str | bytes):
        return _raw(layer, data)
    if not isinstance(data, bytes):
        given = f"the layer {type(data).__name__}" if isinstance(data, Packet) else shown(data)
        raise RefusedError(
            "the argument without a name must be bytes to dissect, such as b'\\x45\\x00', "
            f"not {given}; fields are given by name"
        )
    if not data:
        raise RefusedError(f"no bytes to dissect; write {layer.id}() for the defaults")
    budget.charge_dissection(len(data))
    return tracer.trace_chain(layer.cls, data)[0].packet


def _raw(layer: LayerFacts, data: str | bytes) -> Packet:
    packet = scapy_state.new_layer(layer.cls, None)
    assign(packet, layer.by_id["load"], data)
    return packet


def _default(cls: type[Packet]) -> Packet:
    """A layer with its defaults; a class without fields may choose one that has some."""
    chosen: Packet | None = None
    with suppress(Exception):
        chosen = scapy_state.new_layer(cls, None)
    if chosen is None or not cls.fields_desc:
        with suppress(Exception):
            dispatched = cls()
            if chosen is None or not isinstance(dispatched, Raw):
                chosen = dispatched
    if chosen is None:
        raise RefusedError("the layer cannot be made without bytes to dissect")
    return chosen


def layers_in(packet: Packet) -> int:
    """How many layers a new one consists of, those that its fields hold included."""
    count = 0
    waiting: list[Any] = [packet]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, Packet) and not isinstance(value, NoPayload):
            count += 1
            waiting.extend({**value.default_fields, **value.fields}.values())
            waiting.append(value.payload)
    return count
