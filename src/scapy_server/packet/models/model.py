"""A packet model as it comes from a client, parsed once into frozen values.

`parse_model` turns the JSON array of layers into `LayerSpec`s and refuses, by name
and position, unknown layers and fields and wrong value forms. Whether a value suits
its field is decided later, where the field's neighbours are known (`values`).

Source: RPC document, "packet model" and "value types"; generators as the packet
editor sends them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from scapy_server import limits
from scapy_server.errors import RefusedError, located, shown
from scapy_server.naming import layer_place
from scapy_server.numbers import whole_number
from scapy_server.packet.layers.registry import Registry
from scapy_server.wording import decode_base64, json_type

DEFAULT_SEED = 12345


class Plain(msgspec.Struct, frozen=True):
    """A number, string, or boolean, to be read as the field's type asks."""

    value: int | float | str


class Items(msgspec.Struct, frozen=True):
    """An array; what it means depends on the field."""

    items: tuple[Value, ...]


class Undefined(msgspec.Struct, frozen=True):
    """Back to the default, or to be computed."""


class Random(msgspec.Struct, frozen=True):
    """A random value of the field's type, drawn once; reproducible with a seed."""

    seed: int | None = None


class Machine(msgspec.Struct, frozen=True):
    """The field's bytes as they stand on the wire."""

    data: bytes


class Expression(msgspec.Struct, frozen=True):
    """A text in the expression grammar (`expressions`)."""

    source: str


class Size(msgspec.Struct, frozen=True):
    """How many bytes to make: of the payload, or (`total`) of the frame with its FCS."""

    amount: int
    total: bool = False


class GivenBytes(msgspec.Struct, frozen=True):
    """Bytes as given."""

    data: bytes


class RandomBytes(msgspec.Struct, frozen=True):
    """Reproducible random bytes, or printable ASCII."""

    size: Size
    seed: int
    ascii: bool


class PatternBytes(msgspec.Struct, frozen=True):
    """A pattern repeated and cut to the size; as long as itself without one."""

    pattern: bytes
    size: Size | None


class Object(msgspec.Struct, frozen=True):
    """A JSON value taken as it is."""

    value: Any


Value = (
    Plain
    | Items
    | Undefined
    | Random
    | Machine
    | Expression
    | GivenBytes
    | RandomBytes
    | PatternBytes
    | Object
)


class FieldSpec(msgspec.Struct, frozen=True):
    """A field to set; `id` is today's name of the field."""

    id: str
    value: Value


class LayerSpec(msgspec.Struct, frozen=True):
    """A layer with the fields to set, in order; the last of equal ids wins."""

    id: str
    fields: tuple[FieldSpec, ...] = ()
    delete: bool = False


Model = tuple[LayerSpec, ...]


def parse_model(raw: object, registry: Registry, changing: bool = False) -> Model:
    """The model in a request; raises RefusedError with layer, field and what is wrong.

    With `changing` it is a model of changes, in which layers may be deleted.
    """
    if not isinstance(raw, list):
        raise RefusedError(f"a packet model is an array of layers, not {json_type(raw)}")
    limits.LAYERS.check(len(raw))
    lists = (item.get("fields") for item in raw if isinstance(item, dict))
    limits.MODEL_FIELDS.check(sum(len(fields) for fields in lists if isinstance(fields, list)))
    return tuple(_parse_layer(item, index, registry, changing) for index, item in enumerate(raw))


def _parse_layer(raw: object, index: int, registry: Registry, changing: bool) -> LayerSpec:
    layer_id = raw.get("id") if isinstance(raw, dict) else None
    with located(layer_place(index, layer_id)):
        if not isinstance(raw, dict):
            raise RefusedError(f'a layer is an object with an "id", not {json_type(raw)}')
        if not isinstance(layer_id, str):
            raise RefusedError(f'"id" must be the name of a layer, not {json_type(layer_id)}')
        if changing and raw.get("delete") is True and layer_id not in registry:
            return LayerSpec(layer_id, delete=True)  # what goes may be called anything
        layer = registry.layer(layer_id)
        fields = raw.get("fields")
        if fields is None:
            fields = []
        if not isinstance(fields, list):
            raise RefusedError(f'"fields" must be an array, not {json_type(fields)}')
        limits.FIELDS.check(len(fields))
        specs = []
        for position, item in enumerate(fields):
            field_id = item.get("id") if isinstance(item, dict) else None
            if not isinstance(field_id, str):
                raise RefusedError(f'field {position} must be an object with a string "id"')
            field = registry.field(layer, field_id)
            with located(f"field {field_id}"):
                if "value" not in item:
                    raise RefusedError('the member "value" is missing')
                specs.append(FieldSpec(field.id, parse_value(item["value"])))
    return LayerSpec(layer.id, tuple(specs), raw.get("delete") is True)


def parse_value(raw: object, depth: int = 0) -> Value:
    """A value in any of its forms; raises RefusedError on a form that does not exist."""
    if raw is None:
        return Undefined()
    if isinstance(raw, bool | int | float | str):
        return Plain(raw)
    if isinstance(raw, list):
        limits.LIST_ITEMS.check(len(raw))
        limits.JSON_DEPTH.check(depth)
        return Items(tuple(parse_value(item, depth + 1) for item in raw))
    if not isinstance(raw, dict):
        raise RefusedError(f"{shown(raw)} is not a value")
    vtype = raw.get("vtype")
    parser = _FORMS.get(vtype) if isinstance(vtype, str) else None
    if parser is None:
        known = ", ".join(_FORMS)
        raise RefusedError(f'"vtype" must be one of {known}, not {shown(vtype)}')
    return parser(raw)


def _parse_random(raw: dict[str, object]) -> Random:
    seed = raw.get("seed")
    return Random(None if seed is None else _whole_number(raw, "seed"))


def _parse_expression(raw: dict[str, object]) -> Expression:
    source = raw.get("expr")
    if isinstance(source, dict):
        try:
            source = _base64(source, "base64").decode()
        except UnicodeDecodeError:
            raise RefusedError('"expr" is not UTF-8 in base64') from None
    if not isinstance(source, str):
        raise RefusedError(f'"expr" must be a string or {{"base64": …}}, not {json_type(source)}')
    return Expression(source)


def _parse_bytes(raw: dict[str, object]) -> Value:
    generate = raw.get("generate")
    if generate is None:
        if "base64" not in raw:
            raise RefusedError('BYTES need "base64" or "generate"')
        return GivenBytes(_base64(raw, "base64"))
    if generate in ("random_bytes", "random_ascii"):
        size = _size(raw)
        if size is None:
            raise RefusedError(f'"{generate}" needs "size" or "total_size"')
        seed = _whole_number(raw, "seed") if raw.get("seed") is not None else 0
        return RandomBytes(size, seed or DEFAULT_SEED, ascii=generate == "random_ascii")
    if generate == "template":
        size = _size(raw)
        if size is None:
            raise RefusedError('"template" needs "size" or "total_size"')
        return PatternBytes(_base64(raw, "template_base64"), size)
    if generate == "template_code":
        return PatternBytes(_template_code(raw), _size(raw))
    raise RefusedError(
        '"generate" must be one of random_bytes, random_ascii, template, template_code, '
        f"not {shown(generate)}"
    )


def _template_code(raw: dict[str, object]) -> bytes:
    code = raw.get("template_code")
    if not isinstance(code, str):
        raise RefusedError(f'"template_code" must be hex text, not {json_type(code)}')
    digits = "".join(code.replace("0x", "").replace("0X", "").split())
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise RefusedError(
            f'"template_code" must be an even number of hex digits, not {shown(code)}'
        ) from None


def _size(raw: dict[str, object]) -> Size | None:
    for member, total in (("total_size", True), ("size", False)):
        if raw.get(member) is not None:
            amount = _whole_number(raw, member)
            limits.PAYLOAD_BYTES.check(amount)
            if amount < 0:
                raise RefusedError(f'"{member}" must not be negative, as {amount} is')
            return Size(amount, total)
    return None


def _whole_number(raw: dict[str, object], member: str) -> int:
    number = whole_number(raw.get(member))
    if number is None:
        raise RefusedError(f'"{member}" must be a whole number, not {shown(raw.get(member))}')
    return number


def _base64(raw: dict[str, object], member: str) -> bytes:
    text = raw.get(member)
    if not isinstance(text, str):
        raise RefusedError(f'"{member}" must be base64 text, not {json_type(text)}')
    return decode_base64(text, f'"{member}"')


_FORMS: dict[str, Callable[[dict[str, object]], Value]] = {
    "UNDEFINED": lambda raw: Undefined(),
    "RANDOM": _parse_random,
    "MACHINE": lambda raw: Machine(_base64(raw, "base64")),
    "EXPRESSION": _parse_expression,
    "BYTES": _parse_bytes,
    "OBJECT": lambda raw: Object(raw.get("value")),
}
