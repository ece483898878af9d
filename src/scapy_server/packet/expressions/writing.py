"""From a value to the expression that `expressions.evaluate` turns back into its equal.

A layer is written by its fields when that rebuilds its bytes. Where it does not
(compressed names, encodings longer than they need be), a field is written as the raw
bytes it had, then the whole layer as `Class(b'…')`, then as `Raw(b'…')`: what is handed
out is always accepted back and gives the same bytes.

Source: docs/wire.md, "Values and their text".
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from scapy import fields as sf
from scapy.base_classes import Gen
from scapy.packet import NoPayload, Packet, Padding, Raw
from scapy.volatile import VolatileValue

from scapy_server import limits
from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.expressions.builds import built, surely_differs
from scapy_server.packet.expressions.careful_fields import CarefulFields
from scapy_server.packet.expressions.constructors import as_call
from scapy_server.packet.expressions.evaluation import evaluate
from scapy_server.packet.expressions.meaning import (
    Fields,
    InexpressibleError,
    Written,
    call,
    collection,
    constant,
    dictionary,
    from_bytes,
    layers,
    meaning,
    means_layers,
)
from scapy_server.packet.expressions.proof import Proof
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.header_lines import has_lines, told
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.layers.scapy_state import kept_bytes

#: Layers of one value that are built and compared, before raw bytes stand for the rest.
MOST_COMPARISONS = 200
#: Layers of one list that are written by their fields; of a longer one the bytes stand for all.
_MOST_WRITTEN = 64
#: Layers of one list of which more than their fields is tried, and that a packet carries.
_MOST_TRIED = 32
#: To compare a layer with what its text makes takes as long as writing so many fields.
_FIELDS_OF_A_COMPARISON = 2
#: And so many bytes, to read them again as what a layer's text makes of them.
_BYTES_OF_A_FIELD = 8
#: And so many items of a list.
_ITEMS_OF_A_FIELD = 4
#: What nearly all values are.
_LITERALS = frozenset({int, str, bytes, sf.FlagValue})
#: No shorter text can be beyond a bound of expressions, depth aside.
_SURELY_WITHIN_BOUNDS = int(limits.EXPRESSION_CHAIN)


def expression_of(
    value: object, registry: Registry, writer: Writer | None = None, read: bytes | None = None
) -> str:
    """The text of a value that a field of a layer holds; equal values, equal text.

    A packet that was `read` from bytes is made to build these. Raises RefusedError for a value
    that no expression makes, or none within the bounds.
    """
    writer = writer or Writer(registry)
    try:
        if isinstance(value, Packet):
            return writer.layer(value, 0, read).text
        if isinstance(value, list) and len(value) > _MOST_WRITTEN and isinstance(value[0], Packet):
            raise InexpressibleError("long list")
        evaluated = _text_of_layers(value, writer)
        if evaluated:
            return evaluated
        written = writer.written(value, 0)
        if len(written.text) > _SURELY_WITHIN_BOUNDS:
            meaning(written, registry)
        return written.text
    except (InexpressibleError, ScapyServerError) as error:
        if isinstance(value, list) and value and all(isinstance(i, Packet) for i in value):
            text = f"[Raw({b''.join(built(item) or b'' for item in value)!r})]"
            evaluate(text, registry)
            return text
        if isinstance(error, ScapyServerError):
            raise
        if hasattr(value, "__bytes__") and not isinstance(value, Packet):
            return f"RawVal({bytes(value)!r})"
        raise RefusedError(f"a value of type {error} cannot be written as an expression") from None


def _text_of_layers(value: object, writer: Writer) -> str:
    """The text of a list of layers that are all made again of their fields, else ""."""
    if not isinstance(value, list) or not value:
        return ""
    if not all(isinstance(item, Packet) for item in value):
        return ""
    try:
        return writer.layers_by_fields(value)
    except (InexpressibleError, ScapyServerError):
        if len(value) > _MOST_TRIED:
            raise
        return ""


def expression_of_held(value: object, registry: Registry, writer: Writer | None = None) -> str:
    """As `expression_of`, of what a field or a packet within a field holds.

    Of a packet that carries many layers the bytes stand for all.
    """
    if isinstance(value, Packet) and _carries_many(value):
        data = built(value)
        if data is not None:
            return f"Raw({data!r})"
    return expression_of(value, registry, writer)


def _carries_many(packet: Packet) -> bool:
    for _ in range(_MOST_TRIED):
        packet = packet.payload
        if isinstance(packet, NoPayload):
            return False
    return True


class Writer:
    """Writes the values that one packet holds.

    `exact` says whether layers inside of others are compared with what their text
    rebuilds; the outermost layer always is. What was compared once is not again, and after
    so many fields (`WRITTEN_FIELDS`), or four times as many items of lists, the bytes stand for
    what is left.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._proof = Proof(registry)
        self._comparisons = 0
        self._fields_left = int(limits.WRITTEN_FIELDS)
        #: By the packet's id; the packets stay, so that no other gets it. Fields with their depth.
        self._compared: dict[int, tuple[Packet, Written]] = {}
        self._written: dict[int, tuple[Packet, int, Fields, int]] = {}
        self._again: dict[int, tuple[Packet, Packet]] = {}

    @property
    def spent(self) -> tuple[int, int]:
        """How many comparisons were made, and how many fields were written."""
        return self._comparisons, int(limits.WRITTEN_FIELDS) - self._fields_left

    def spend(self, comparisons: int, fields: int) -> None:
        """Count what others wrote of the same packet."""
        self._comparisons += comparisons
        self._fields_left -= fields

    def written(self, value: Any, depth: int, exact: bool = True) -> Written:
        """The text of any value; raises ScapyServerError or that none makes it."""
        if depth >= limits.EXPRESSION_DEPTH:
            raise InexpressibleError("deeply nested value")
        if type(value) in _LITERALS:
            return _constant(value)
        if isinstance(value, Packet):
            return self.layer(value, depth) if exact else self._by_fields(value, depth, False)
        if isinstance(value, list | tuple | dict | set | frozenset):
            return self._collection(value, depth, exact)
        found = as_call(value)
        if found:
            return call(found[0], self.written(found[1], depth + 1, exact))
        inner = _inner(value)
        if inner is not value:
            return self.written(inner, depth + 1, exact)
        return _constant(value)

    def _collection(self, value: Any, depth: int, exact: bool) -> Written:
        cost = len(value) // _ITEMS_OF_A_FIELD
        if cost > max(0, self._fields_left):
            raise RefusedError(f"{len(value)} more items are too many for an expression")
        self._fields_left -= cost
        if isinstance(value, dict):
            parts = [
                self.written(each, depth + 1, exact) for item in value.items() for each in item
            ]
            keys, items = parts[::2], parts[1::2]
            pairs = (f"{k.text}: {v.text}" for k, v in zip(keys, items, strict=True))
            return collection(f"{{{', '.join(pairs)}}}", dictionary, parts)
        parts = [self.written(item, depth + 1, exact) for item in value]
        texts = [part.text for part in parts]
        if isinstance(value, list):
            return collection(f"[{', '.join(texts)}]", list, parts)
        if isinstance(value, tuple):
            text = f"({texts[0]},)" if len(texts) == 1 else f"({', '.join(texts)})"
            return collection(text, tuple, parts)
        return collection(f"{{{', '.join(sorted(texts))}}}" if texts else "set()", set, parts)

    def layers_by_fields(self, packets: list[Packet]) -> str:
        """The text of layers that say by their fields what they are; evaluated once for all."""
        if any(map(surely_differs, packets)):
            raise InexpressibleError("layer of other bytes")
        parts = [self._by_fields(packet, 1, False) for packet in packets]
        written = collection(f"[{', '.join(part.text for part in parts)}]", list, parts)
        if not self._is_proven(written, packets):
            again = self._made_again(packets) or meaning(written, self._registry)
            for packet, rebuilt in zip(packets, again, strict=True):
                data = built(packet)
                if data is not None and built(rebuilt) != data:
                    raise InexpressibleError(type(packet).__name__)
                self._remember(packet, rebuilt)
        for packet, part in zip(packets, parts, strict=True):
            self._compared[id(packet)] = packet, part
        return written.text

    def layer(self, packet: Packet, depth: int, read: bytes | None = None) -> Written:
        """The first text of a layer and its payload that rebuilds what the layer builds.

        Or what it was `read` from: of some layers Scapy builds other bytes than it read.
        """
        known = self._compared.get(id(packet))
        if known is not None:
            if depth + known[1].depth >= limits.EXPRESSION_DEPTH:
                raise InexpressibleError("deeply nested value")
            return known[1]
        data = built(packet) if read is None else read
        for written, is_plain in self._candidates(packet, data, depth):
            proven = is_plain and self._is_proven(written, [packet])
            if proven or self._rebuilds(written, data):
                self._compared[id(packet)] = packet, written
                return written
        raise InexpressibleError(type(packet).__name__)

    def _candidates(
        self, packet: Packet, data: bytes | None, depth: int
    ) -> Iterator[tuple[Written, bool]]:
        """Texts to be tried, each with whether it has the packet's values as they are."""
        ways = [(True, False)] if surely_differs(packet) else [(False, False), (True, False)]
        if depth == 0 and _leaves_over(packet):
            ways.insert(1, (False, True))
        for careful, as_payload in ways:
            self._comparisons += 1
            self._fields_left -= _FIELDS_OF_A_COMPARISON
            if self._comparisons <= MOST_COMPARISONS and self._fields_left > 0:
                with suppress(InexpressibleError, ScapyServerError):
                    written = self._by_fields(packet, depth, careful, as_payload)
                    yield written, not (careful or as_payload)
        if data and self._fields_left > 0:
            self._fields_left -= len(data) // _BYTES_OF_A_FIELD
            layer = self._layer(packet)
            if layer is not None:
                yield from_bytes(layer, data), False
        raw = self._registry.of_class(Raw)
        yield from_bytes(raw, bytes(data or packet.original or b"")), False

    def _is_proven(self, written: Written, packets: Sequence[Packet]) -> bool:
        """Whether the text of the packets' values makes what builds their bytes, without a try."""
        layers = 0
        for packet in packets:
            made = self._proof.made_again(packet)
            if made is None:
                return False
            layers += made.layers
        return means_layers(written, layers)

    def _made_again(self, packets: Sequence[Packet]) -> list[Packet] | None:
        """What the text of something around these packets has made of theirs, if there is one."""
        made = [self._again.get(id(packet)) for packet in packets]
        return None if None in made else [each[1] for each in made if each is not None]

    def _remember(self, value: Any, rebuilt: Any) -> None:
        """Remember what a text has made of the packets that one holds or carries."""
        waiting = [(value, rebuilt)]
        while waiting:
            value, rebuilt = waiting.pop()
            if type(value) is not type(rebuilt):
                continue
            if isinstance(value, list) and len(value) == len(rebuilt):
                waiting += zip(value, rebuilt, strict=True)
            elif isinstance(value, Packet) and not isinstance(value, NoPayload):
                self._again[id(value)] = value, rebuilt
                given = rebuilt.fields
                waiting += [
                    (each, given.get(name))
                    for name, each in value.fields.items()
                    if isinstance(each, list | Packet)
                ]
                waiting.append((value.payload, rebuilt.payload))

    def _rebuilds(self, written: Written, data: bytes | None) -> bool:
        try:
            rebuilt = meaning(written, self._registry)
        except ScapyServerError:
            return False
        # A layer that cannot be built is right if its values are accepted.
        return data is None or (isinstance(rebuilt, Packet) and built(rebuilt) == data)

    def _by_fields(
        self, packet: Packet, depth: int, careful: bool, as_payload: bool = False
    ) -> Written:
        """A layer and what it carries by their fields, what is left over `as_payload` or not."""
        if depth >= limits.EXPRESSION_DEPTH:
            raise InexpressibleError("deeply nested value")
        chain: list[tuple[LayerFacts, Fields]] = []
        while not isinstance(packet, NoPayload):
            layer = self._layer(packet)
            if as_payload and isinstance(packet, Padding):
                layer = self._registry.of_class(Raw)
            if layer is None or len(chain) >= limits.LAYERS:
                raise InexpressibleError(type(packet).__name__)
            chain.append((layer, self._own_fields(packet, depth, careful)))
            packet = packet.payload
        return layers(chain, self._registry)

    def _own_fields(self, packet: Packet, depth: int, careful: bool) -> Fields:
        """The fields of a layer alone; of each in a chain once, for all that begin below it."""
        known = None if careful else self._written.get(id(packet))
        if known is not None and depth <= known[1]:
            self._fields_left -= known[3]
            if self._fields_left < 0:
                raise InexpressibleError("packet of many fields")
            return known[2]
        before = self._fields_left
        fields = list(self._fields(packet, depth, careful))
        if not careful:
            self._written[id(packet)] = packet, depth, fields, before - self._fields_left
        return fields

    def _fields(self, packet: Packet, depth: int, careful: bool) -> Iterator[tuple[str, Written]]:
        own = kept_bytes(packet)
        dissected = own is not None
        fields = CarefulFields(packet, self._registry) if careful else None
        values: dict[str, Any] = packet.fields if fields is None else fields.values
        names: Iterable[str] = (field.name for field in packet.fields_desc)
        if own is not None and has_lines(packet):
            names = values = told(packet, own)
        for name in dict.fromkeys(names):
            if name not in values:
                continue
            self._fields_left -= 3 if careful else 1
            if self._fields_left < 0:
                raise InexpressibleError("packet of many fields")
            value = values[name]
            is_empty = isinstance(value, list | dict | set) and not value
            if is_empty and not dissected and not packet.default_fields.get(name):
                continue
            if fields is not None:
                yield name, fields.write(name, value, lambda form: self.written(form, depth + 1))
            else:
                yield name, self.written(value, depth + 1, exact=False)

    def _layer(self, packet: Packet) -> LayerFacts | None:
        """The layer by whose id the packet's class is called, if there is one."""
        layer_id = self._registry.of_class(type(packet)).id
        if layer_id in self._registry and self._registry.layer(layer_id).cls is type(packet):
            return self._registry.layer(layer_id)
        return None


def _leaves_over(packet: Packet) -> bool:
    """Whether bytes are left over behind what a packet carries."""
    return isinstance(packet.lastlayer(), Padding)


def _inner(value: Any) -> Any:
    """What stands for a value that is one of many, or wrapped; the value itself otherwise."""
    if isinstance(value, VolatileValue):
        return value._fix()
    if isinstance(value, Gen):
        return next(iter(value), None)
    if isinstance(value, enum.Enum) and not isinstance(value, int):
        return value.value
    return value


def _constant(value: Any) -> Written:
    """The literal of a value, whatever its subclass."""
    if value is None or isinstance(value, bool) or type(value) is float:
        return constant(repr(value), value)
    if isinstance(value, int | sf.FlagValue):
        number = int(value)
        if number.bit_length() > limits.EXPRESSION_INTEGER_BITS:
            raise InexpressibleError("int")
        return constant(str(number), number)
    if isinstance(value, str):
        return constant(str.__repr__(value), str.__str__(value))
    if isinstance(value, bytes | bytearray):
        return constant(repr(bytes(value)), bytes(value))
    raise InexpressibleError(type(value).__name__)
