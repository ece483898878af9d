"""Watching a packet being built and dissected: which values are looked at, and by what.

Recorders stand in for the dictionaries in which Scapy's packets keep their values, and
count who looks; watched bytes remember which of them a choice was made by. Classes with
methods of their own are not trusted to be watched well, unless someone has read them: from
the first such layer on all bytes steer. What they look at in the layers below them is seen,
for these are asked by field.
"""

from __future__ import annotations

import dis
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import FunctionType
from typing import Any

from scapy import fields as sf
from scapy.contrib.gtp import GTP_U_Header
from scapy.contrib.mpls import MPLS
from scapy.layers.dhcp import BOOTP
from scapy.layers.dns import DNS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP, GRE, Dot1AD, Dot1Q, Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Padding, Raw

from scapy_server.packet.frames.parts import LayerView, Owned
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import TracedLayer, trace_chain
from scapy_server.packet.layers.bindings import Checked
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.methods import speaks_of_fields
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import layer_to_read
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot, Slot
from scapy_server.packet.tree.part_tree import PartTree

_ADDRESS_SIZES = {4: Kind.IPV4, 6: Kind.MAC, 16: Kind.IPV6}

#: Classes with methods of their own that were read: they look at their own fields and
#: at the first bytes of their payload, and compute lengths and the checksums below.
UNDERSTOOD: frozenset[type[Packet]] = frozenset(
    {
        Ether,
        Dot1Q,
        Dot1AD,
        ARP,
        GRE,
        MPLS,
        IP,
        IPv6,
        TCP,
        UDP,
        ICMP,
        ICMPv6EchoRequest,
        ICMPv6EchoReply,
        VXLAN,
        GTP_U_Header,
        BOOTP,
        DNS,
        Padding,
        Raw,
    }
)

#: Fields of such classes that their methods look at as bytes.
_LOOKED_AT: Mapping[type[Packet], frozenset[str]] = {
    DNS: frozenset({"length"}),
    BOOTP: frozenset({"options"}),
}

_METHODS = (
    "pre_dissect",
    "do_dissect",
    "post_dissect",
    "extract_padding",
    "guess_payload_class",
    "default_payload_class",
    "self_build",
    "do_build",
    "post_build",
    "build_padding",
    "getfieldval",
)


class Recorder(dict[str, Any]):
    """The values of a layer, with a count of how often each was looked at.

    Copying all values, as Scapy does for pseudo headers, is not looking at one.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.reads: Counter[str] = Counter()

    def __getitem__(self, name: str) -> Any:
        self.reads[name] += 1
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As of a dict, counted."""
        self.reads[name] += 1
        return super().get(name, default)


class WatchedBytes(bytes):
    """Bytes that remember which of them were looked at."""

    seen: set[int]

    def __new__(cls, data: bytes) -> WatchedBytes:
        watched = super().__new__(cls, data)
        watched.seen = set()
        return watched

    def __getitem__(self, index: Any) -> Any:
        self.seen.update(range(len(self))[index] if isinstance(index, slice) else [index])
        return super().__getitem__(index)


def is_understood(cls: type[Packet]) -> bool:
    """Whether watching tells all that a class does."""
    if cls in UNDERSTOOD:
        return True
    return "dispatch_hook" not in cls.__dict__ and all(
        getattr(cls, name) is getattr(Packet, name) for name in _METHODS
    )


def recorded_layer(cls: type[Packet], underlayer: Packet | None) -> Packet:
    """As `layer_to_read`, with a recorder."""
    packet = layer_to_read(cls, underlayer)
    packet.fields = Recorder(packet.fields)
    return packet


def reads(traced: TracedLayer) -> Counter[str]:
    """How often each value of a recorded layer was looked at."""
    fields = traced.packet.fields
    assert isinstance(fields, Recorder)
    return fields.reads


def understood_layers(classes: Sequence[type[Packet]]) -> int:
    """How many of the first layers are of classes that are understood."""
    each = (number for number, cls in enumerate(classes) if not is_understood(cls))
    return next(each, len(classes))


def bytes_that_choose(frame: bytes, chain: Sequence[TracedLayer]) -> set[int]:
    """The places of the frame by which the layers' classes are chosen.

    From the first class on that takes part in choosing and is not understood, all of them.
    """
    seen: set[int] = set()
    cls: type[Packet] = type(chain[0].packet)
    for index, traced in enumerate(chain):
        if index:
            payload = WatchedBytes(frame[traced.offset :])
            cls = chain[index - 1].packet.guess_payload_class(payload) or Raw
            if isinstance(cls, Checked):
                cls = cls.chosen(payload)
            seen.update(traced.offset + place for place in payload.seen)
        if not (
            isinstance(cls, type) and is_understood(cls) and is_understood(type(traced.packet))
        ):
            seen.update(range(traced.offset, len(frame)))
            break
        if "dispatch_hook" in cls.__dict__:
            data = WatchedBytes(frame[traced.offset :])
            cls.dispatch_hook(data, _internal=1, _underlayer=None)
            seen.update(traced.offset + place for place in data.seen)
    return seen


@cache
def chooses_by_bindings(cls: type[Packet]) -> bool:
    """Whether a class selects what its payload is read as by values alone.

    What it takes where none of them selects anything is always the same.
    """
    if cls.guess_payload_class is not Packet.guess_payload_class:
        return False
    otherwise = cls.default_payload_class
    if otherwise is Packet.default_payload_class:
        return True
    return not any(each.opname.startswith("LOAD_FAST") for each in dis.get_instructions(otherwise))


@cache
def names_of_default(cls: type[Packet]) -> frozenset[str] | None:
    """What a class that selects by values looks at where none of them selects anything.

    None if that is more than fields.
    """
    if chooses_by_bindings(cls):
        return frozenset()
    otherwise: Any = cls.default_payload_class
    if cls.guess_payload_class is not Packet.guess_payload_class:
        return None
    if not speaks_of_fields(otherwise, frozenset()) or otherwise.__code__.co_cellvars:
        return None
    payload, names = otherwise.__code__.co_varnames[1], otherwise.__code__.co_names
    looks = any(each.argval == payload for each in dis.get_instructions(otherwise))
    asks = any(isinstance(otherwise.__globals__.get(name), FunctionType) for name in names)
    return None if looks or asks else frozenset(names)


@cache
def selecting_values(cls: type[Packet], name: str) -> frozenset[int | str]:
    """The numbers and texts of a field by which a class selects what its payload is read as."""
    found = (conditions.get(name) for conditions in _conditions(cls))
    return frozenset(value for value in found if isinstance(value, int | str))


def _conditions(cls: type[Packet]) -> Iterator[Mapping[str, Any]]:
    for bound in dict.fromkeys((*cls.__mro__, *cls.aliastypes)):
        for conditions, _ in bound.__dict__.get("payload_guess", ()):
            yield conditions


def slot_at(
    field: FieldFacts, place: Place, first: int, avoided: frozenset[int] = frozenset()
) -> Slot | None:
    """The slot of a field that begins at bit `first`, None if it is none of the plain kinds."""
    if not place.present or not place.bit_length or place.scattered:
        return None
    last = first + place.bit_length
    start, stop = first // 8, (last + 7) // 8
    if field.bits is not None and field.bits != place.bit_length:
        return None
    form = field.number_form
    if form is not None and form.minimum == 0 and field.is_big_endian:
        number = NumberSlot(start, stop, 8 * stop - last, place.bit_length, form, avoided)
        return None if number.another() is None else number
    if first % 8 or last % 8:
        return None
    if _ADDRESS_SIZES.get(stop - start) is field.kind:
        return AddressSlot(start, stop)
    if field.kind is Kind.BYTES and type(field.inner) in (sf.StrField, sf.StrFixedLenField):
        return BytesSlot(start, stop, padded=type(field.inner) is sf.StrFixedLenField)
    return None


class WatchedDissection:
    """A frame's dissection, and what was looked at on its way and when it was shown.

    `understood` is how many of its first layers are of classes that are.
    """

    def __init__(self, root: type[Packet], frame: bytes, registry: Registry) -> None:
        self._registry = registry
        self._frame = frame
        self.chain = trace_chain(root, frame, recorded_layer)
        self.understood = understood_layers([type(traced.packet) for traced in self.chain])
        self._while_traced = [Counter(reads(traced)) for traced in self.chain]
        self._choosing = bytes_that_choose(frame, self.chain)
        self._fields: dict[int, tuple[FieldFacts, ...]] = {}
        self._shown: dict[int, set[str]] = {}
        self._chosen: dict[int, Counter[str]] = {}

    def fields(self, layer: int) -> tuple[FieldFacts, ...]:
        """The fields of a layer, as their types are in this packet."""
        if layer not in self._fields:
            packet = self.chain[layer].packet
            facts = self._registry.of_class(type(packet))
            self._fields[layer] = tuple(field.for_packet(packet) for field in facts.fields)
        return self._fields[layer]

    def slot(self, layer: int, field: FieldFacts) -> Slot | None:
        """How the field may be patched; None if anything else depends on it."""
        if layer >= self.understood:
            return None
        if field.id in _LOOKED_AT.get(type(self.chain[layer].packet), ()):
            return None
        if sum(other.id == field.id for other in self.fields(layer)) > 1:
            return None
        traced = self.chain[layer]
        place = traced.places[field.index]
        first = 8 * traced.offset + place.bit_offset
        if self._choosing.intersection(range(first // 8, (first + place.bit_length + 7) // 8)):
            return None
        avoided = self._avoided(layer, field.id)
        if avoided is None or field.id in self._while_shown(layer):
            return None
        return slot_at(field, place, first, avoided)

    def is_looked_at_alone(self, start: int, stop: int) -> bool:
        """Whether nothing but the field in which they are looks at these bytes of the frame."""
        for layer, traced in enumerate(self.chain[: self.understood]):
            for field, place in zip(self.fields(layer), traced.places, strict=True):
                first, last = 8 * (start - traced.offset), 8 * (stop - traced.offset)
                if not place.known or not place.bit_offset <= first < last <= place.end:
                    continue
                return not (
                    field.id in _LOOKED_AT.get(type(traced.packet), ())
                    or field.id in self._while_shown(layer)
                    or self._while_traced[layer][field.id]
                    or self._choosing.intersection(range(start, stop))
                )
        return False

    def _avoided(self, layer: int, name: str) -> frozenset[int] | None:
        """The numbers that would change more than the field, None if any other might."""
        if not self._while_traced[layer][name]:
            return frozenset()
        packet = self.chain[layer].packet
        if layer + 1 == len(self.chain):
            return None
        if not chooses_by_bindings(type(packet)):
            return None
        if self._while_traced[layer][name] > self._while_chosen(layer)[name]:
            return None
        selecting = frozenset(
            value for value in selecting_values(type(packet), name) if isinstance(value, int)
        )
        return None if packet.getfieldval(name) in selecting else selecting

    def _while_chosen(self, layer: int) -> Counter[str]:
        """How often each field of a layer is looked at to choose what its payload is read as."""
        if layer not in self._chosen:
            traced = self.chain[layer]
            before = Counter(reads(traced))
            traced.packet.guess_payload_class(self._frame[traced.header_end :])
            self._chosen[layer] = reads(traced) - before
        return self._chosen[layer]

    def _while_shown(self, layer: int) -> set[str]:
        """The fields of a layer that another one's display looks at, that of its parts included."""
        if layer not in self._shown:
            self._shown[layer] = self._looks_of_display(self.chain[layer])
        return self._shown[layer]

    def _looks_of_display(self, traced: TracedLayer) -> set[str]:
        names: set[str] = set()
        tree = PartTree(self._registry)
        facts = self._registry.of_class(type(traced.packet))
        for declared, place in zip(facts.fields, traced.places, strict=True):
            before = Counter(reads(traced))
            value = traced.packet.getfieldval(declared.id)
            field = declared.for_packet(traced.packet)
            tree.field(traced.packet, field, value, place)
            if traced.sightings is not None and isinstance(value, list | dict | Packet):
                view = LayerView(self._frame[traced.offset :], traced.sightings)
                tree.parts(view, Owned(traced.packet, field, value, place))
            names.update(set(reads(traced) - before) - {field.id})
        return names
