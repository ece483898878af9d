"""A layer that is read and shown under watch, and what its plan is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.json import encode
from scapy import fields as sf
from scapy.packet import Packet

from scapy_server import limits
from scapy_server.packet.frames.budget import Budget
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.reading import may_end
from scapy_server.packet.frames.tracer import Means, TracedLayer, trace_layer
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import between
from scapy_server.packet.plans.layers.inner_numbers import (
    cut_at_marks,
    inner_numbers,
    with_marks,
)
from scapy_server.packet.plans.layers.layer_plan import FIRST_SLOT, Cost, LayerPlan, ReadSlot
from scapy_server.packet.plans.layers.planned_layer import (
    BOUNDS,
    PART,
    Given,
    PlannedLayer,
    layer_result,
)
from scapy_server.packet.plans.layers.stand_in import UNKNOWN, StandIn, Values
from scapy_server.packet.plans.read_work import work_of_tree
from scapy_server.packet.plans.reply import cut_layer
from scapy_server.packet.plans.slots import BytesSlot, NumberSlot, Shown, Slot, bits_beside
from scapy_server.packet.plans.watching import reads, recorded_layer, selecting_values, slot_at
from scapy_server.packet.tree.display import show
from scapy_server.packet.tree.layer_fields import LayerFields
from scapy_server.packet.tree.part_tree import PartTree
from scapy_server.schema.results import FieldResult

_READS_BYTES = (sf.StrField, sf.StrFixedLenField, sf.StrLenField)


class _Counting(Budget):
    """Counts the pieces that are taken."""

    __slots__ = ("pieces",)

    def __init__(self) -> None:
        super().__init__(PART)
        self.pieces = 0

    def read_piece(self, length: int) -> None:
        """As of a budget."""
        super().read_piece(length)
        self.pieces += 1


class WatchedLayer:
    """One layer, which is read with nothing around it that it could look at.

    Raises Untold where it looks at that all the same.
    """

    def __init__(self, given: Given, registry: Registry) -> None:
        self._given, self._registry, budget = given, registry, _Counting()
        means = Means(recorded_layer, budget)
        self._traced, payload, padding = trace_layer(
            given.cls, given.data, given.start, UNKNOWN, means
        )
        records, fields = budget.read
        self._read = fields, records, budget.pieces
        budget.close()
        self._size = self._traced.header_end - given.start
        rest = given.data[self._size :]
        self._is_plain = bool(self._size) and payload + padding == rest
        facts = registry.of_class(given.cls).fields
        self.declared: list[tuple[FieldFacts, Place]] = list(
            zip(facts, self._traced.places, strict=True)
        )
        self._read_alone: dict[str, FieldFacts] = {}
        self._values = dict(self._traced.packet.fields.items())
        self._tree = PartTree(registry)
        self._steering = self._looked_at_while_read(rest)
        self._fields = self._shown()

    def _looked_at_while_read(self, rest: bytes) -> set[str]:
        """The fields that were looked at for others, not for what follows."""
        cls, packet = self._given.cls, self._traced.packet
        counts = Counter(reads(self._traced))
        if cls.extract_padding is not Packet.extract_padding:
            packet.extract_padding(rest)
        if self._tail() is not None and self._length_from is not None:
            self._length_from(packet)
        return set(counts - (reads(self._traced) - counts))

    def _shown(self) -> list[FieldResult]:
        """The fields as they are shown; what is looked at for others steers too."""
        between(self._traced.packet, self._traced.packet.fields, UNKNOWN, UNKNOWN)
        shower = LayerFields(self._traced, self._given.frame, self._registry, self._tree)
        seen = reads(self._traced)
        shown = []
        for declared, place in self.declared:
            seen.clear()
            shown.append(shower.field(declared, place))
            self._steering |= set(seen) - {declared.id}
        return shown

    def plan(self) -> PlannedLayer | None:
        """The plan for layers of its structure, None if there is none."""
        if not self._is_plain or any(map(_is_elsewhere, self.declared)):
            return None
        tail = self._tail()
        size = self._size if tail is None else self.declared[-1][1].bit_offset // 8
        if size > limits.PLANNED_HEADER_BYTES:
            return None
        slots = self._slots(tail)
        within = self._numbers_within(size, tail)
        numbers = [number for each in within.values() for number in each]
        mask = bits_beside(size, (*slots.values(), *numbers))
        pieces, order = self._cut(size, list(slots), numbers, tail)
        plan = LayerPlan(
            size=size,
            mask=mask,
            structure=int.from_bytes(self._given.data[:size], "big") & mask,
            slots=(
                *(self._read_slot(name) or slot for name, slot in slots.items()),
                *numbers,
            ),
            tail=tail is not None,
            goes_on=self._goes_on(),
            cost=Cost(*self._read, *self._tree.spent),
            pieces=pieces,
            holes=order,
        )
        shown = frozenset(slots if tail is None else (*slots, tail.id))
        share = plan.cost._replace(taken=0).share(BOUNDS)
        of_a_byte = plan.cost.taken / BOUNDS.taken
        work = work_of_tree(b"".join(pieces), [self._traced], plan.cost.written)
        # What tells of a field as bytes tells nothing: whoever asks for it is sent the long way.
        untold = {name: BytesSlot(0, 0) for name in within}
        stand_in = self._stand_in({**slots, **untold}, size, tail)
        return PlannedLayer(plan, stand_in, shown, share, of_a_byte, work)

    def _cut(
        self, size: int, slots: list[str], numbers: list[NumberSlot], tail: FieldFacts | None
    ) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
        """The layer's JSON without what the slots show, and the numbers of what stands between."""
        places = range(FIRST_SLOT, FIRST_SLOT + 2 * (len(slots) + len(numbers)), 2)
        fields, data = self._fields, self._given.data
        if numbers:
            marked = with_marks(data[:size], numbers) + data[size:]
            fields = shown_alone(self._given, marked, self._registry)[1]
        result = layer_result(self._traced, fields, self._registry)
        holes = dict(zip(slots, places, strict=False))
        pieces, order = cut_layer(result, holes, None if tail is None else tail.id)
        if not numbers:
            return pieces, order
        return cut_at_marks(pieces, order, numbers, places[len(slots) :])

    def _tail(self) -> FieldFacts | None:
        """The last field, if it takes all that is left or what others say."""
        field, place = self.declared[-1]
        whole = place.present and place.known and place.bit_offset % 8 == 0
        if not (whole and place.bit_length and place.end == 8 * self._size):
            return None
        takes_all = _reads_bytes(field, sf.StrField) and not field.inner.remain
        if takes_all and self._size == len(self._given.data):
            return field
        return None if self._length_from is None else field

    @property
    def _length_from(self) -> Callable[[Packet], int] | None:
        """What tells how much the last field takes, if others do and nothing else does."""
        field = self.declared[-1][0]
        if field.declared is not field.inner or not _reads_bytes(field, sf.StrLenField):
            return None
        told: Callable[[Packet], int] | None = field.inner.length_from
        return told if field.inner.ON_WIRE_SIZE_UTF16 else None

    def _goes_on(self) -> tuple[bool, bool] | None:
        """Whether bytes follow, where that makes a difference."""
        end = 8 * self._size
        at_the_end = any(p.known and not p.bit_length and p.bit_offset >= end for p in self._places)
        if not (at_the_end or may_end(self._given.cls)):
            return None
        stop = self._given.start + self._size
        return stop < self._given.end, stop < len(self._given.frame)

    @property
    def _places(self) -> Iterable[Place]:
        return (place for _, place in self.declared)

    def _slots(self, tail: FieldFacts | None) -> dict[str, Slot]:
        """What may differ, by field: what steers nothing, or only what follows, by its number."""
        times = Counter(field.id for field, _ in self.declared)
        slots: dict[str, Slot] = {}
        for declared, place in self.declared:
            name = declared.id
            if times[name] > 1 or name in self._steering or (tail and tail.id == name):
                continue
            field = declared.for_packet(self._traced.packet)
            slot = slot_at(field, place, place.bit_offset) or _bytes_at(field, place)
            if slot is None and _is_read_alone(field, place):
                slot = BytesSlot(place.bit_offset // 8, place.end // 8)
                self._read_alone[name] = field
            if slot is None:
                continue
            if isinstance(slot, BytesSlot) and selecting_values(self._given.cls, name):
                continue
            if isinstance(slot, NumberSlot) and not self._is_number(name):
                continue
            slots[name] = slot
        return slots

    def _numbers_within(self, size: int, tail: FieldFacts | None) -> dict[str, list[NumberSlot]]:
        """What may differ among the parts of fields, by field: numbers of those that steer nothing.

        All of them stand in the header.
        """
        header = self._given.data[:size]
        found = {
            field.id: inner_numbers(field, header)
            for field in self._fields
            if field.id not in self._steering and (tail is None or tail.id != field.id)
        }
        return {name: numbers for name, numbers in found.items() if numbers}

    def _read_slot(self, name: str) -> ReadSlot | None:
        """The slot of a field that its class has to read."""
        field = self._read_alone.get(name)
        if field is None:
            return None
        packet, registry, inner = self._traced.packet, self._registry, field.inner

        def read(data: bytes) -> Shown:
            rest, value = inner.getfield(packet, data)
            said, text = show(packet, field, value, registry)
            if rest or isinstance(said, dict):
                raise ValueError(value)
            return encode(said), encode(text)

        place = self.declared[field.index][1]
        return ReadSlot(place.bit_offset // 8, place.end // 8, read)

    def _is_number(self, name: str) -> bool:
        value = self._values.get(name)
        return type(value) is int or isinstance(value, sf.FlagValue)

    def _stand_in(self, slots: Mapping[str, Slot], size: int, tail: FieldFacts | None) -> StandIn:
        said = dict(slots)
        if tail is not None:
            said[tail.id] = BytesSlot(size, size)
        values = Values(self._values, said, size)
        return StandIn(
            self._traced.packet, values, said, None if tail is None else self._length_from
        )


def shown_alone(
    given: Given, data: bytes, registry: Registry
) -> tuple[TracedLayer, list[FieldResult]]:
    """Other bytes in place of those that a layer was handed, read and shown with nothing around.

    Raises Untold where the layer looks at that, and whatever Scapy does with such bytes.
    """
    frame, start = given.frame[: given.start] + data + given.frame[given.end :], given.start
    traced = trace_layer(given.cls, data, start, UNKNOWN)[0]
    between(traced.packet, traced.packet.fields, UNKNOWN, UNKNOWN)
    return traced, LayerFields(traced, frame, registry, PartTree(registry)).all()


def _is_elsewhere(declared: tuple[FieldFacts, Place]) -> bool:
    """Whether a field may stand behind the payload, or say where something stands."""
    field = declared[0].declared
    while isinstance(field, sf._FieldContainer) and not isinstance(field, sf.TrailerField):
        field = getattr(field, "fld", None)
    return isinstance(field, sf.TrailerField) or hasattr(declared[0].inner, "offset_name")


def _reads_bytes(field: FieldFacts, *kinds: type[Any]) -> bool:
    """Whether a field has bytes as they stand there, read as one of the kinds does."""
    cls: Any = type(field.inner)
    return isinstance(field.inner, sf.StrField) and (
        any(cls.getfield is kind.getfield for kind in kinds)
        and cls.m2i is sf.Field.m2i
        and cls.i2m is sf.StrField.i2m
        and cls.addfield in (sf.StrField.addfield, sf.StrFixedLenField.addfield)
        and not isinstance(field.inner, sf.StrFieldUtf16)
    )


def _is_read_alone(field: FieldFacts, place: Place) -> bool:
    """Whether a field of some bytes has a number that only its class can read and show."""
    whole = place.bit_offset % 8 == place.bit_length % 8 == 0
    fixed = place.bit_length == field.bits and field.kind not in (Kind.LAYER, Kind.LAYERS)
    return place.present and whole and fixed and type(field.inner).getfield is sf.Field.getfield


def _bytes_at(field: FieldFacts, place: Place) -> Slot | None:
    """The slot of bytes as they stand there, in a field of whatever class."""
    whole = place.bit_offset % 8 == place.bit_length % 8 == 0
    if not (place.present and place.bit_length and whole and _reads_bytes(field, *_READS_BYTES)):
        return None
    return BytesSlot(place.bit_offset // 8, place.end // 8)
