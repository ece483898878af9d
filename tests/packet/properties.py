"""What must hold for every frame of whatever layers: the checks, each telling what does not.

A check yields a sentence for each fault that it finds, and nothing for a frame that is well.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from scapy.packet import Packet

from scapy_server.errors import RefusedError, ScapyServerError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.expressions.writing import expression_of
from scapy_server.packet.frames.tracer import TracedLayer, trace_chain
from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.packets_as_text import packet_of
from scapy_server.packet.tree.display import BINARY
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult, PartResult

Json = dict[str, Any]
Fault = tuple[str, str]


class Frame(NamedTuple):
    """Bytes that begin with a layer of the class `root`, and where they come from.

    The layers from depth `first` on are looked at one by one. What the last of them carries may
    be `arbitrary`: then its values may say less than its bytes do.
    """

    name: str
    root: type[Packet]
    data: bytes
    first: int = 0
    arbitrary: bool = False


class RootedCodec(PacketCodec):
    """Reads frames as beginning with any layer, also one that no link type has."""

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self.root: type[Packet] = Packet
        self.first = 0

    def trace(self, frame: bytes, link_type: int) -> list[TracedLayer]:
        """As of a link type whose frames begin with `root`."""
        return trace_chain(self.root, frame)


def value_of(field: FieldResult | PartResult) -> Any:
    """What programs send back."""
    return field.value


def hvalue_of(field: FieldResult | PartResult) -> Any:
    """What people send back."""
    return field.hvalue


Form = Callable[[FieldResult | PartResult], Any]
FORMS: tuple[Form, ...] = (value_of, hvalue_of)


def faults(codec: RootedCodec, frame: Frame) -> Iterator[Fault]:
    """All faults of all checks, each with the name of its kind; none if it cannot be read."""
    codec.root, codec.first = frame.root, frame.first
    try:
        result = codec.reconstruct(frame.data, ())
    except RefusedError:
        return
    if binary(result) != frame.data:
        yield "identity", "no change changes it"
    for check in (sent_back, sent_back_at_once, changed, reset, deleted, appended, parts_sent_back):
        for fault in check(codec, frame.data, result):
            yield check.__name__, fault
    yield from built(codec, frame, result)


def binary(result: PacketResult) -> bytes:
    """The packet of a result."""
    return base64.b64decode(result.binary or "")


def shown(layer: LayerResult, form: Form) -> list[FieldResult]:
    """The fields of a layer whose values say what they are."""
    return [
        field
        for field in layer.fields
        if field.ignored is not True and not (form is hvalue_of and field.hvalue == BINARY)
    ]


def model(
    layers: Sequence[LayerResult], depth: int, fields: Sequence[Json], **more: Any
) -> list[Json]:
    """Changes of one layer of a packet."""
    below: list[Json] = [{"id": layer.id} for layer in layers[:depth]]
    return [*below, {"id": layers[depth].id, "fields": list(fields), **more}]


def apply(codec: RootedCodec, data: bytes, changes: list[Json]) -> PacketResult:
    """The frame with changes."""
    return codec.reconstruct(data, parse_model(changes, codec.registry, changing=True))


def difference(before: bytes, after: bytes) -> str:
    """Where two frames part."""
    at = next((n for n, (x, y) in enumerate(zip(before, after, strict=False)) if x != y), None)
    return f"{len(before)} → {len(after)} bytes, from byte {at}"


def looked_at(codec: RootedCodec, result: PacketResult) -> list[tuple[int, LayerResult]]:
    """The layers that are looked at one by one."""
    return [each for each in enumerate(result.data) if each[0] >= codec.first]


def sent_back(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """Setting a field to the value that it has is the identity."""
    for depth, layer in looked_at(codec, result):
        for field in shown(layer, value_of):
            form = value_of if field.hvalue == BINARY else hvalue_of
            place = f"{layer.id}.{field.id} {form.__name__}"
            change = [{"id": field.id, "value": form(field)}]
            try:
                after = binary(apply(codec, data, model(result.data, depth, change)))
            except ScapyServerError as error:
                yield f"{place} refused: {error}"
                continue
            if after != data:
                yield f"{place}: {difference(data, after)}"


def sent_back_at_once(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """So is setting all fields."""
    for form in FORMS:
        try:
            after = binary(apply(codec, data, whole_model(result, form)))
        except ScapyServerError as error:
            yield f"{form.__name__} refused: {error}"
            continue
        if after != data:
            yield f"{form.__name__}: {difference(data, after)}"


def whole_model(result: PacketResult, form: Form) -> list[Json]:
    """The model that says of every field what is shown of it."""
    return [
        {
            "id": layer.id,
            "fields": [{"id": field.id, "value": form(field)} for field in shown(layer, form)],
        }
        for layer in result.data
    ]


def changed(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """Changing a field of fixed size changes its bits and no others."""
    for depth, layer in looked_at(codec, result):
        by_id = facts_of(codec.registry, layer.id)
        for field in shown(layer, value_of):
            other = another(field) if is_fixed(by_id[field.id], field) else None
            if other is None or field.unplaced is True:
                continue
            try:
                after = apply(
                    codec, data, model(result.data, depth, [{"id": field.id, "value": other}])
                )
            except RefusedError as error:
                if f"field {field.id}" not in error.where:
                    yield f"{layer.id}.{field.id} refused without its name: {error}"
                continue
            if after.data[depth].rebuilt is True:
                continue
            problem = beyond(data, binary(after), 8 * layer.offset + field.bit_offset, field)
            if problem:
                yield f"{layer.id}.{field.id} {problem}"


def facts_of(registry: Registry, layer_id: str) -> Mapping[str, FieldFacts]:
    """The fields of a layer that is shown."""
    return registry.layer(layer_id).by_id


def is_fixed(facts: FieldFacts, field: FieldResult) -> bool:
    """Whether every value of the field takes as many bits as this one."""
    is_number = facts.kind is not Kind.FLOAT  # these are rounded
    return is_number and facts.bits is not None and facts.bits == field.bit_length


def another(field: FieldResult | PartResult) -> Any:
    """Another value of the same size, None if there is none to be thought of."""
    value = field.value
    if isinstance(value, int) and field.bit_length:
        return value ^ 1
    if isinstance(value, str):
        if value.count(":") == 5 and field.bit_length == 48:
            return "02:00:5e:10:00:01"
        if value.count(".") == 3 and field.bit_length == 32:
            return "192.0.2.77"
        return "2001:db8::77" if ":" in value and field.bit_length == 128 else None
    if isinstance(value, dict) and value.get("vtype") == "BYTES":
        given = base64.b64decode(value["base64"])
        if given and 8 * len(given) == field.bit_length:
            flipped = bytes([given[0] ^ 1]) + given[1:]
            return {"vtype": "BYTES", "base64": base64.b64encode(flipped).decode()}
    return None


def beyond(before: bytes, after: bytes, start: int, field: FieldResult | PartResult) -> str:
    """What a change touched besides the bits of its field."""
    if len(before) != len(after):
        return f"has another length: {difference(before, after)}"
    bits = int.from_bytes(before, "big") ^ int.from_bytes(after, "big")
    mask = ((1 << field.bit_length) - 1) << (8 * len(before) - start - field.bit_length)
    if bits & ~mask:
        return f"touches more: {difference(before, after)}"
    return "" if bits else "changes nothing"


def reset(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """A field that is reset to be computed changes its bits and no others."""
    for depth, layer in looked_at(codec, result):
        by_id = facts_of(codec.registry, layer.id)
        for field in shown(layer, value_of):
            if not by_id[field.id].computed or field.unplaced is True or not field.bit_length:
                continue
            undefined = [{"id": field.id, "value": {"vtype": "UNDEFINED"}}]
            try:
                after = apply(codec, data, model(result.data, depth, undefined))
            except RefusedError as error:
                if f"field {field.id}" not in error.where:
                    yield f"{layer.id}.{field.id} refused without its name: {error}"
                continue
            start = 8 * layer.offset + field.bit_offset
            problem = beyond(data, binary(after), start, field)
            if problem and problem != "changes nothing" and after.data[depth].rebuilt is not True:
                yield f"{layer.id}.{field.id} {problem}"


def deleted(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """Deleting layers leaves the others' bytes."""
    for depth in range(1, len(result.data)):
        start = result.data[depth].offset
        try:
            after = binary(apply(codec, data, model(result.data, depth, [], delete=True)))
        except ScapyServerError as error:
            yield f"{result.data[depth].id} refused: {error}"
            continue
        if not after.startswith(data[:start]) or not _ends(data, after, start):
            yield f"{result.data[depth].id}: {difference(data, after)}"


def _ends(data: bytes, after: bytes, start: int) -> bool:
    """Whether what stands behind `start` is made of pieces of what stood there, in order."""
    rest, at = after[start:], start
    for byte in rest:
        at = data.find(byte, at) + 1
        if not at:
            return False
    return True


def appended(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """Adding a layer leaves the others' bytes."""
    more: list[Json] = [
        *({"id": layer.id} for layer in result.data),
        {"id": "Raw", "fields": [{"id": "load", "value": "~~added~~"}]},
    ]
    try:
        after = binary(apply(codec, data, more))
    except ScapyServerError as error:
        yield f"refused: {error}"
        return
    if after.replace(b"~~added~~", b"", 1) != data:
        yield difference(data, after)


def parts_sent_back(codec: RootedCodec, data: bytes, result: PacketResult) -> Iterator[str]:
    """Parts keep what they are set to already, and change in their own bits."""
    for depth, layer in looked_at(codec, result):
        for path, part in paths(layer.fields, ""):
            place = f"{layer.id}.{path}"
            for form in FORMS:
                value = form(part)
                if value == BINARY or not isinstance(value, int | float | str | dict):
                    continue
                changes = model(result.data, depth, [{"id": path, "value": value}])
                try:
                    after = apply(codec, data, changes)
                except ScapyServerError as error:
                    yield f"{place} {form.__name__} refused: {error}"
                    continue
                if binary(after) != data:
                    yield f"{place} {form.__name__}: {difference(data, binary(after))}"
            other = another(part) if isinstance(part.value, int) else None
            if other is None or part.unplaced is True:
                continue
            changes = model(result.data, depth, [{"id": path, "value": other}])
            problem = _part_problem(codec, data, changes, 8 * layer.offset + part.bit_offset, part)
            if problem:
                yield f"{place} {problem}"


def _part_problem(
    codec: RootedCodec,
    data: bytes,
    changes: list[Json],
    start: int,
    part: FieldResult | PartResult,
) -> str:
    path = changes[-1]["fields"][0]["id"]
    try:
        after = apply(codec, data, changes)
    except RefusedError as error:
        named = any(path in where for where in error.where)
        return "" if named else f"refused without its name: {error}"
    if after.data[len(changes) - 1].rebuilt is True:
        return ""
    return beyond(data, binary(after), start, part)


def paths(
    fields: Sequence[FieldResult], prefix: str
) -> Iterator[tuple[str, FieldResult | PartResult]]:
    """All parts of fields with their paths, to any depth."""
    for field in fields:
        path = f"{prefix}{field.id}"
        if prefix and getattr(field, "ignored", None) is not True:
            yield path, field
        for part in field.parts or ():
            inner = f"{path}{part.id}" if part.id.startswith("[") else f"{path}.{part.id}"
            if part.value is not None and not part.fields:
                yield inner, part
            yield from paths(part.fields, f"{inner}.")


def built(codec: RootedCodec, frame: Frame, result: PacketResult) -> Iterator[Fault]:
    """A model and an expression of all that is shown build the frame."""
    if not frame.arbitrary:
        try:
            after = binary(codec.build(parse_model(whole_model(result, value_of), codec.registry)))
            if after != frame.data:
                yield "model", difference(frame.data, after)
        except ScapyServerError as error:
            yield "model", f"refused: {error}"
    try:
        packet = trace_chain(frame.root, frame.data)[0].packet
        text = expression_of(packet, codec.registry, read=frame.data)
        after = binary(codec.build_packet(packet_of(text, codec.registry)))
        if after != frame.data:
            yield "expression", difference(frame.data, after)
    except ScapyServerError as error:
        yield "expression", f"refused: {error}"
