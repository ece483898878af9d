"""The attributes in which a Scapy packet keeps its state, each trick with a name.

`fields` are the values that a packet has of its own. `raw_packet_cache` are the bytes that
stand for them when it is built, for as long as nobody sets one. `explicit` says that
nothing in it is left to be drawn. `overloaded_fields` are the values that its payload gives
it, such as the number of the payload's protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from scapy.packet import NoPayload, Packet

from scapy_server.packet.layers import blanks

#: Scapy's own way to set an attribute first asks, slowly, whether it is a field.
_set = object.__setattr__


def layer_to_read(cls: type[Packet], underlayer: Packet | None) -> Packet:
    """As `new_layer`, of which the fields that hold packets are empty until it has read them."""
    return new_layer(cls, underlayer, reading=True)


def new_layer(cls: type[Packet], underlayer: Packet | None, reading: bool = False) -> Packet:
    """An empty instance of exactly this class, whatever its dispatch would choose."""
    blank = blanks.empty(cls, reading)
    if blank is not None:
        _set(blank, "underlayer", underlayer)
        return blank
    packet: Packet = object.__new__(cls)
    try:
        packet.__init__(_internal=1, _underlayer=underlayer)  # type: ignore[misc]
    except TypeError:  # a class with a constructor of its own
        packet.__init__()  # type: ignore[misc]
        packet.underlayer = underlayer
    return packet


def keep_bytes(packet: Packet, data: bytes) -> None:
    """Let the packet build these bytes, whatever its values would build."""
    _set(packet, "raw_packet_cache", data)
    _set(packet, "raw_packet_cache_fields", {})
    _set(packet, "explicit", 1)


def kept_bytes(packet: Packet) -> bytes | None:
    """The bytes that the packet builds whatever its values are, None if it builds these."""
    data: bytes | None = packet.raw_packet_cache
    return data


def forget_bytes(packet: Packet) -> None:
    """Let the packet build its values."""
    packet.raw_packet_cache = packet.raw_packet_cache_fields = None
    packet.wirelen = None


def settle(packet: Packet) -> None:
    """Say that nothing in the packet is left to be drawn."""
    _set(packet, "explicit", 1)


def name_original(packet: Packet, data: bytes) -> None:
    """Say of which bytes the packet is dissected."""
    _set(packet, "original", data)


def note_given(packet: Packet, field_id: str) -> None:
    """Remember that the field was asked to have the value that it has."""
    packet.__dict__["given"] = given_names(packet) | {field_id}


def given_names(packet: Packet) -> frozenset[str]:
    """The fields of which `note_given` was told."""
    names: frozenset[str] = packet.__dict__.get("given", frozenset())
    return names


def set_internal(packet: Packet, field_id: str, value: object) -> None:
    """Set a field to what Scapy keeps, without the conversion from what people write."""
    packet.fields[field_id] = value
    forget_bytes(packet)


def between(packet: Packet, fields: dict[str, Any], below: Any, payload: Any) -> None:
    """Let the packet have other values, and stand between what need not be packets."""
    _set(packet, "fields", fields)
    _set(packet, "underlayer", below)
    _set(packet, "payload", payload)


def link(lower: Packet, upper: Packet) -> None:
    """Make `upper` the payload of `lower`, and change nothing else.

    Scapy's own `add_payload` runs hooks in which layers write into the ones below.
    """
    _set(lower, "payload", upper)
    _set(upper, "underlayer", lower)
    for cls in lower.aliastypes:
        if cls in upper.overload_fields:
            lower.overloaded_fields = upper.overload_fields[cls]
            break


def stack_on(lower: Packet, upper: Packet) -> None:
    """Make `upper` the payload of `lower`, as layers that are built are stacked.

    Hooks of the two may fill in what nobody gave a value below; what was given stays.
    """
    if (
        type(lower).add_payload is Packet.add_payload
        and type(upper).add_underlayer is Packet.add_underlayer
    ):
        link(lower, upper)
        return
    before = [(packet, _values(packet)) for packet in _downwards(lower)]
    lower.add_payload(upper)
    for packet, values in before:
        packet.fields.update({name: values[name] for name in given_names(packet) & values.keys()})


class Snapshot(msgspec.Struct, frozen=True):
    """What a layer read of its own bytes, to be had again whatever others write into it."""

    packet: Packet
    values: dict[str, Any]
    kept: bytes | None

    @classmethod
    def of(cls, packet: Packet) -> Snapshot:
        """The state of a layer that has just been dissected."""
        return cls(packet, _values(packet), kept_bytes(packet))

    def restore(self) -> None:
        """Undo what guesses and dissectors of other layers have written."""
        self.packet.fields.clear()
        self.packet.fields.update(self.values)
        if self.kept is not None and kept_bytes(self.packet) is not self.kept:
            keep_bytes(self.packet, self.kept)


def detach_payload(packet: Packet) -> Packet:
    """Take the payload off, and hand it out."""
    payload: Packet = packet.payload
    packet.remove_payload()
    return payload


def _downwards(packet: Packet | None) -> Iterator[Packet]:
    while packet is not None and not isinstance(packet, NoPayload):
        yield packet
        packet = packet.underlayer


def _values(packet: Packet) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, list) else value
        for name, value in packet.fields.items()
    }
