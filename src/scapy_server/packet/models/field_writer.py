"""From the values of a model to the fields of a layer."""

from __future__ import annotations

from collections.abc import Callable

from scapy.packet import Packet, Raw

from scapy_server.errors import RefusedError, ScapyServerError, located
from scapy_server.numbers import whole_number
from scapy_server.packet.expressions.builds import built
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.header_lines import holds_lines
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import forget_bytes, set_internal
from scapy_server.packet.models import generators
from scapy_server.packet.models.budget import ModelBudget
from scapy_server.packet.models.model import (
    Action,
    Expression,
    FieldSpec,
    GivenBytes,
    Items,
    Machine,
    Object,
    PatternBytes,
    Plain,
    Random,
    RandomBytes,
    Size,
    Undefined,
    Value,
)
from scapy_server.packet.values.field_values import assign, assign_machine, coerce, item_of
from scapy_server.packet.values.paths import AbsentPartError, Target, follow
from scapy_server.packet.values.random_values import assign_random

#: Ethernet's frame check sequence: counted in a total size, never part of the bytes.
FCS_BYTES = 4

_LISTS = (Kind.LAYERS, Kind.OTHER)
_STRUCTURED = (Kind.LAYER, Kind.LAYERS, Kind.OTHER)


class FieldWriter:
    """Writes the fields of one layer.

    `length_so_far` builds the packet up to and including the layer and returns its
    length; it is called only for payloads that are to fill a total size.
    """

    def __init__(
        self,
        packet: Packet,
        registry: Registry,
        budget: ModelBudget,
        length_so_far: Callable[[], int],
    ) -> None:
        self._packet = packet
        self._registry = registry
        self._facts = registry.of_class(type(packet))
        self._budget = budget
        self._length_so_far = length_so_far

    def write(self, fields: tuple[FieldSpec, ...]) -> None:
        """Set the fields in order; those that depend on others, and that fill up, come last."""
        if not fields:
            return
        last = {spec.id: spec for spec in fields if spec.is_plain}
        filling = [spec for spec in fields if _fills(spec.value) and last.get(spec.id) is spec]
        for spec in sorted(fields, key=self._depends_on_others):
            if not _fills(spec.value) or not spec.is_plain:
                self._write_one(spec)
        for spec in filling:
            self._write_one(spec)

    def _depends_on_others(self, spec: FieldSpec) -> bool:
        """Whether what the value is, or is called, depends on fields to be set before."""
        field = self._facts.by_id.get(spec.id)
        return field is not None and (field.is_named_by_packet or field.holds_packet_type)

    def _write_one(self, spec: FieldSpec) -> None:
        with located(f"field {spec.path}"):
            field = self._registry.field(self._facts, spec.id)
            if spec.is_plain:
                self._set(field, spec.value)
            else:
                self._write_part(field, spec)

    def _write_part(self, field: FieldFacts, spec: FieldSpec) -> None:
        """Change a part of a field of a packet that is to be built."""
        own = self._packet.getfieldval(field.id)
        if field.inner.islist and (own is None or own == b""):
            own = []  # which is how some lists say that nothing is in them
        self._packet.fields[field.id] = field.declared.do_copy(own)
        target = follow(self._registry, self._packet, field, spec.steps)
        for packet, _ in target.around:
            forget_bytes(packet)
        self.write_target(target, spec)

    def write_target(self, target: Target, spec: FieldSpec) -> None:
        """Give what a path leads to its value, in the packet that holds it."""
        target.refuse_payload()
        holder = FieldWriter(target.packet, self._registry, self._budget, self._length_so_far)
        if target.key is not None:
            holder.set_entry(target, spec)
        elif target.index is not None:
            holder.set_item(target, spec)
        elif spec.action is Action.DELETE:
            holder._set(target.field, Undefined())
        else:
            holder._set(target.field, spec.value)

    def set_item(self, target: Target, spec: FieldSpec) -> None:
        """Set, delete or insert an item of a list, or set a member of it."""
        index = target.index or 0
        items = list(self._packet.getfieldval(target.field.id))
        if spec.action is not Action.DELETE and isinstance(spec.value, Undefined):
            what = "an item of a list" if target.member is None else f"the {target.member} of one"
            raise RefusedError(f"{what} has no default; delete the item, or give it a value")
        like = items[min(index, len(items) - 1)] if items else None
        if spec.action is Action.INSERT and index <= len(items):
            items.insert(index, self._list_item(target.field, spec.value, like))
        elif index >= len(items):
            hint = "; insert it instead" if index == len(items) else ""
            raise AbsentPartError(
                f"{target.field.id} has {len(items)} items; there is no [{index}]{hint}"
            )
        elif spec.action is Action.DELETE:
            del items[index]
        elif target.member is None:
            items[index] = self._list_item(target.field, spec.value, like)
        else:
            items[index] = self._with_member(items[index], target.member, spec.value)
        assign(self._packet, target.field, items)

    def set_entry(self, target: Target, spec: FieldSpec) -> None:
        """Set or delete an entry of a dictionary, such as a header line."""
        entries = dict(self._packet.getfieldval(target.field.id))
        if spec.action is Action.DELETE or isinstance(spec.value, Undefined):
            entries.pop(target.key, None)
        else:
            value = self._item(spec.value)
            entries[target.key] = value.encode() if isinstance(value, str) else value
        set_internal(self._packet, target.field.id, entries)

    def number(self, value: Value, bits: int) -> int:
        """The number that a value means for a part of this many bits."""
        number = whole_number(value.value) if isinstance(value, Plain) else None
        if number is None or not 0 <= number < 1 << bits:
            raise RefusedError(f"the value must be a number from 0 to {(1 << bits) - 1}")
        return number

    def means(self, value: Value, packet: Packet) -> bool:
        """Whether a text, as an expression or as people see it, builds what a packet does."""
        text = value.source if isinstance(value, Expression) else None
        if isinstance(value, Plain) and isinstance(value.value, str):
            text = value.value
        try:
            meant = None if text is None else self._evaluated(text)
        except ScapyServerError:
            return False
        data = built(meant) if isinstance(meant, Packet) else None
        return data is not None and data == built(packet)

    def _list_item(self, field: FieldFacts, value: Value, like: object) -> object:
        """An item of a list, whose text means what it does in a field, or what `like` is."""
        text = value.value if isinstance(value, Plain) else None
        resolved = field.for_packet(self._packet)
        kind = resolved.kind
        if isinstance(text, str) and (kind is Kind.LAYERS or text.lstrip().startswith("(")):
            return self._evaluated(text)
        if isinstance(value, Plain) and resolved.item is not None:
            return item_of(resolved.item, value.value)
        item = self._item(value)
        if isinstance(item, str) and isinstance(like, int):
            number = whole_number(item)
            return item if number is None else number
        return Raw(load=item) if kind is Kind.LAYERS and isinstance(item, bytes) else item

    def _with_member(self, item: object, member: str, value: Value) -> object:
        """An option with another value; its kind and length are changed in its bytes only."""
        if member != "value" or not isinstance(item, tuple):
            raise RefusedError(f"the {member} of an option is changed where it has bytes")
        new = self._item(value)
        if isinstance(new, str) and new.lstrip().startswith("("):
            new = self._evaluated(new)
        elif isinstance(new, str) and isinstance(item[1], int):
            number = whole_number(new)
            new = new if number is None else number
        return (item[0], *new) if len(item) > 2 and isinstance(new, list) else (item[0], new)

    def _set(self, field: FieldFacts, value: Value) -> None:
        packet = self._packet
        if isinstance(value, Random):
            assign_random(packet, field, value.seed)
        elif isinstance(value, Machine):
            assign_machine(packet, field, value.data)
        elif isinstance(value, GivenBytes):
            self._budget.spend_payload(len(value.data))
            self._set_bytes(field, value.data)
        elif isinstance(value, RandomBytes):
            size = self._amount(field, value.size)
            self._set_bytes(field, generators.random_bytes(value, size))
        elif isinstance(value, PatternBytes):
            room = None if value.size is None else self._amount(field, value.size)
            self._budget.spend_payload(len(value.pattern))
            self._set_bytes(field, generators.pattern_bytes(value, room))
        elif isinstance(value, Items) and field.for_packet(packet).kind not in _LISTS:
            # A list on a field of one value is a set of values; a packet has the first.
            self._set(field, value.items[0] if value.items else Undefined())
        else:
            assign(packet, field, self._plain(field, value))

    def _set_bytes(self, field: FieldFacts, data: bytes) -> None:
        kind = field.for_packet(self._packet).kind
        if kind is Kind.LAYER:
            assign(self._packet, field, Raw(load=data))
        elif kind in _STRUCTURED and not self._holds_bytes(field):
            assign_machine(self._packet, field, data)
        else:
            assign(self._packet, field, data)

    def _holds_bytes(self, field: FieldFacts) -> bool:
        """Whether bytes are the value of a field, whatever it writes around them."""
        held = self._packet.getfieldval(field.id)
        is_one = field.kind is Kind.OTHER and not field.inner.islist
        return is_one and isinstance(held, bytes | str)

    def _plain(self, field: FieldFacts, value: Value) -> object:
        if isinstance(value, Undefined):
            return None
        if isinstance(value, Expression):
            return self._one_of(field, self._evaluated(value.source))
        if isinstance(value, Object):
            return self._one_of(field, value.value)
        if isinstance(value, Plain):
            resolved = field.for_packet(self._packet)
            is_structured = resolved.kind in _STRUCTURED or holds_lines(self._packet, field.id)
            if isinstance(value.value, str) and is_structured:
                return self._text_of_structure(resolved, value.value)
            return coerce(resolved, value.value)
        assert isinstance(value, Items)
        return [self._item(item) for item in value.items]

    def _one_of(self, field: FieldFacts, value: object) -> object:
        """The first of a list, on a field of one value: as of an array."""
        if not isinstance(value, list) or field.for_packet(self._packet).kind in _STRUCTURED:
            return value
        return value[0] if value else None

    def _text_of_structure(self, field: FieldFacts, text: str) -> object:
        """Text for a field of layers or lists is an expression, as it is handed out."""
        if field.holds_text:
            return text
        return self._evaluated(text) if text.strip() else None

    def _evaluated(self, text: str) -> object:
        return evaluate(text, self._registry, self._budget.spend_nodes)

    def _item(self, value: Value) -> object:
        """A member of an array; arrays in arrays are tuples, as options are written."""
        if isinstance(value, Items):
            return tuple(self._item(item) for item in value.items)
        if isinstance(value, Plain):
            return value.value
        if isinstance(value, GivenBytes | Machine):
            return value.data
        if isinstance(value, Expression):
            return self._evaluated(value.source)
        if isinstance(value, Object):
            return value.value
        if isinstance(value, Undefined):
            return None
        raise RefusedError("an array cannot hold generated or random values")

    def _amount(self, field: FieldFacts, size: Size) -> int:
        if not size.total:
            self._budget.spend_payload(size.amount)
            return size.amount
        assign(self._packet, field, b"")
        used = self._length_so_far() + FCS_BYTES
        if size.amount < used:
            raise RefusedError(
                f"total_size {size.amount} is too small: the packet has {used} bytes "
                f"without the payload, with {FCS_BYTES} for the frame check sequence"
            )
        self._budget.spend_payload(size.amount - used)
        return size.amount - used


def _fills(value: Value) -> bool:
    return (
        isinstance(value, RandomBytes | PatternBytes)
        and value.size is not None
        and value.size.total
    )
