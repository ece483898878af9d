"""Dissection that notes where every field lies.

Scapy's dissection is walked layer by layer: each field's `getfield` is called on what
remains, and the bit position before and after it is kept. Layers that dissect
themselves in a way of their own are left to do so, and their fields are found again
in the bytes. Nothing is dissected twice and nothing is built, and whatever Scapy's guesses
and dissectors write into the layers below theirs is undone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from scapy.packet import Packet, Padding, Raw

from scapy_server import limits, work
from scapy_server.errors import RefusedError
from scapy_server.packet.frames.budget import Budget, OverBudget
from scapy_server.packet.frames.located import Counted, Located, Sightings
from scapy_server.packet.frames.nested import class_made
from scapy_server.packet.frames.place import Place, unknown_place
from scapy_server.packet.frames.reading import is_watched, read_layer
from scapy_server.packet.layers.bindings import Checked
from scapy_server.packet.layers.scapy_state import (
    Snapshot,
    layer_to_read,
    link,
    name_original,
    new_layer,
)


class Within(NamedTuple):
    """What was read within the fields of a layer: records, and fields, of which some are `plain`.

    Those are of ASN.1, or of bytes that tell no place, as certificates are, or made for that.
    """

    records: int = 0
    fields: int = 0
    plain: int = 0

    @classmethod
    def of(cls, budget: Budget) -> Within:
        """All that was counted so far."""
        return cls(*budget.read, budget.plain)

    def since(self, before: Within) -> Within:
        """What was read since then."""
        records, fields, plain = before
        return Within(self.records - records, self.fields - fields, self.plain - plain)


_NOTHING = Within()


@dataclass(slots=True)
class TracedLayer:
    """A dissected layer: its packet object, its first byte, its fields' places.

    `header_end` is the position in the frame where the layer's payload begins. Of padding
    `below` is the depth of the layer that left it over; `sightings` are of what fields hold.
    `problem` says why the layer is Raw that was to be another one, and `spent` what was read
    until then, as about so many fields, besides what was read `within` it. A layer that the one
    below has `made` (decompressed, decrypted) has no bytes in the frame, and its fields no places.
    """

    packet: Packet
    offset: int
    header_end: int
    places: list[Place]
    sightings: Sightings | None = None
    below: int | None = None
    problem: str | None = None
    spent: int = 0
    within: Within = _NOTHING
    made: bool = False


#: What a layer carries is copied when it is read, and again when it is found in the frame: of long
#: frames such a part of what is beyond a length that makes no difference counts as a piece.
_PART_OF_LAYER = 4

#: Makes the packet object of a layer, of its class and with the layer below it.
NewLayer = Callable[[type[Packet], Packet | None], Packet]


@dataclass(frozen=True, slots=True)
class Means:
    """What the layers of one packet are read with."""

    new: NewLayer = layer_to_read
    budget: Budget = field(default_factory=Budget)


def trace_chain(
    root: type[Packet], frame: bytes, new: NewLayer = layer_to_read
) -> list[TracedLayer]:
    """Dissect a frame from `root` down, choosing the layers as Scapy does.

    The packets of the result are linked as payloads. Bytes that a layer above the root
    cannot be made of become Raw, bytes beyond a layer's stated length become Padding.
    Raises RefusedError if the root itself does not fit the frame.
    """
    chain: list[TracedLayer] = []
    snapshots: list[Snapshot] = []
    paddings: list[tuple[bytes, int, int]] = []
    means = Means(new)
    cls, data, offset = dispatched(root, frame, None), frame, 0
    while True:
        work.dissected()
        traced, payload, padding = _trace_or_raw(cls, data, offset, chain, means)
        if chain:
            link(chain[-1].packet, traced.packet)
        chain.append(traced)
        snapshots.append(Snapshot.of(traced.packet))
        if not _stands_at(frame, data, offset):
            _take_off(traced, chain)
        elif padding:
            paddings.append((padding, offset + len(data) - len(padding), len(chain) - 1))
        if not payload:
            break
        data, offset = payload, _position(frame, payload, traced)
        cls = guessed(traced.packet, data) if len(chain) < limits.DISSECTED_LAYERS else Raw
    means.budget.close()
    for snapshot in snapshots:
        snapshot.restore()
    for data, offset, below in reversed(paddings):
        traced = trace_layer(Padding, data, offset, None, means)[0]
        traced.below = below
        link(chain[-1].packet, traced.packet)
        chain.append(traced)
    return chain


def _stands_at(frame: bytes, data: bytes, offset: int) -> bool:
    return frame.startswith(data, offset) if data else True


def _position(frame: bytes, payload: bytes, below: TracedLayer) -> int:
    """Where the payload of a layer stands, which may come behind what the layer has made."""
    if not _stands_at(frame, payload, below.header_end) and frame.endswith(payload):
        return max(below.header_end, len(frame) - len(payload))
    return below.header_end


def _take_off(traced: TracedLayer, chain: Sequence[TracedLayer]) -> None:
    """Give a layer that another one has made no bytes of the frame."""
    traced.made = True
    if len(chain) > 1:
        traced.offset = chain[-2].header_end
    traced.header_end = traced.offset
    traced.places = [
        unknown_place() if place.present else Place(0, 0, False) for place in traced.places
    ]


def trace_layer(
    cls: type[Packet],
    data: bytes,
    offset: int,
    underlayer: Packet | None,
    means: Means | None = None,
) -> tuple[TracedLayer, bytes, bytes]:
    """Dissect one layer of exactly this class; also its payload and its padding.

    Whatever Scapy raises on bytes that do not suit the class escapes, and RefusedError where
    they would cost more than the budget allows.
    """
    alone = means is None
    means = means or Means()
    packet = means.new(cls, underlayer)
    name_original(packet, Counted(data, means.budget))
    try:
        means.budget.read_layer(len(packet.fields_desc))
        if len(data) > limits.PLANNED_FRAME_BYTES:
            means.budget.read_piece((len(data) - limits.PLANNED_FRAME_BYTES) // _PART_OF_LAYER)
        before = Within.of(means.budget)
        located = Located.whole(data, means.budget) if is_watched(cls) else None
        if located is None:
            found = read_layer(packet, data)
        else:
            with means.budget:
                found = read_layer(packet, located)
    except OverBudget as over:
        raise RefusedError(str(over)) from None
    name_original(packet, data)
    traced = TracedLayer(packet, offset, offset + found.own, found.places)
    if located is not None:
        traced.sightings = located.sightings
        traced.within = Within.of(means.budget).since(before)
    if alone:
        means.budget.close()
    return traced, bytes(found.payload), bytes(found.padding)


def _trace_or_raw(
    cls: type[Packet],
    data: bytes,
    offset: int,
    chain: Sequence[TracedLayer],
    means: Means,
) -> tuple[TracedLayer, bytes, bytes]:
    underlayer = chain[-1].packet if chain else None
    before = Within.of(means.budget)
    try:
        return trace_layer(cls, data, offset, underlayer, means)
    except Exception as error:
        reason = f": {error.problem}" if isinstance(error, RefusedError) else ""
        if not chain:
            raise RefusedError(
                f"a frame of {len(data)} bytes cannot be read as {cls.__name__}{reason}"
            ) from error
        found = trace_layer(Raw, data, offset, underlayer, Means(means.new))
        found[0].spent = means.budget.spent
        found[0].within = Within.of(means.budget).since(before)
        found[0].problem = f"the bytes from {offset} on cannot be read as {cls.__name__}{reason}"
        return found


def guessed(packet: Packet, payload: bytes) -> type[Packet]:
    """The class that reads what a layer carries, as Scapy chooses it."""
    try:
        return chosen(packet.guess_payload_class(payload), payload, packet)
    except Exception:
        return Raw  # as Scapy does with a payload whose class cannot be told


def chosen(cls: type[Packet] | Checked, payload: bytes, underlayer: Packet) -> type[Packet]:
    """The class that a payload is read as of which Scapy guesses that it is of `cls`."""
    if isinstance(cls, Checked):
        cls = cls.chosen(payload)
    cls = dispatched(cls, payload, underlayer)
    if not cls.fields_desc and _is_guess_of_raw(cls, payload, underlayer):
        return Raw  # a frame around nothing, as HTTP around what is not HTTP
    return cls


@cache
def is_final(cls: type[Packet]) -> bool:
    """Whether `chosen` always is the class itself."""
    return bool(cls.fields_desc) and "dispatch_hook" not in cls.__dict__


def _is_guess_of_raw(cls: type[Packet], payload: bytes, underlayer: Packet) -> bool:
    return new_layer(cls, underlayer).guess_payload_class(payload) is Raw


def dispatched(cls: type[Packet], data: bytes, underlayer: Packet | None) -> type[Packet]:
    """The class that a class chooses to read bytes as, where it does; Raw if it fails to."""
    if not isinstance(cls, type):  # a function that makes the layer, as below LLC and DHCPv6
        return class_made(cls, data, underlayer)
    if "dispatch_hook" not in cls.__dict__:
        return cls
    try:
        chosen: object = cls.dispatch_hook(data, _internal=1, _underlayer=underlayer)
    except Exception:
        return Raw
    return chosen if isinstance(chosen, type) and issubclass(chosen, Packet) else Raw
