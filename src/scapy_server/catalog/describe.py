"""What a client is told about a field, derived from the facts of Scapy's class.

`describe` answers for every field of every layer; what people wrote about a field
(`handwritten`) is laid over it by `definitions`. The value ranges of the wire are
those of the packet editor, which reads numbers as Java integers.

Source: RPC document, "Scapy server field definitions".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET

from scapy_server.packet.layers.facts import FieldFacts
from scapy_server.packet.layers.field_kinds import Kind
from scapy_server.schema.definitions import Bit, BitValue, FieldDefinition, FieldType, Format

#: What the packet editor can hold as a number: a signed integer of 32 bits.
NUMBER_MINIMUM, NUMBER_MAXIMUM = -(1 << 31), (1 << 31) - 1

#: A machine-made list of names longer than this helps nobody to choose and makes the
#: reply heavy, so such a field is described as a number.
ENUM_NAMES = 256

MAC_REGEX = "^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"


def describe(same_id: Sequence[FieldFacts]) -> FieldDefinition:
    """The definition of a field from its facts.

    `same_id` are the fields of a layer that share one id, nearly always a single one.
    Where the layer decides at run time between several types, what holds for all of
    them is said.
    """
    forms = [form for field in same_id for form in field.alternatives]
    auto = True if any(form.computed for form in forms) else UNSET
    described = [_describe_form(form) for form in forms]
    first = described[0]
    if all(other == first for other in described[1:]):
        return msgspec.structs.replace(first, auto=auto)
    kinds = {form.kind for form in forms}
    formats = {form.format for form in described}
    definition = FieldDefinition(
        id=first.id,
        name=first.name,
        type=_common_type(kinds),
        format=first.format if len(formats) == 1 else UNSET,
        auto=auto,
    )
    if definition.type != "NUMBER":
        return definition
    return msgspec.structs.replace(definition, **number_range(forms))


def number_range(forms: Sequence[FieldFacts]) -> Mapping[str, int]:
    """`min` and `max` that admit every form, or nothing if the editor cannot check them.

    It reads a text as a decimal Java integer, so a range is sent only where every text
    is one: it would refuse its own `0x10`, and names as well.
    """
    if any(format_of(form) != "decimal" for form in forms):
        return {}
    lows = [form.minimum for form in forms if form.minimum is not None]
    highs = [form.maximum for form in forms if form.maximum is not None]
    if len(lows) < len(forms) or len(highs) < len(forms):
        return {}
    low, high = min(lows), max(highs)
    fits = low >= NUMBER_MINIMUM and high <= NUMBER_MAXIMUM
    return {"min": low, "max": high} if fits else {}


def format_of(field: FieldFacts) -> Format:
    """What the field holds and how its text is written."""
    if field.is_named_by_packet:
        return "name"
    form = field.number_form
    match field.kind:
        case Kind.FLAGS:
            return "flags"
        case Kind.INTEGER | Kind.ENUM if form is None:
            return "name" if field.enum else "number"
        case Kind.INTEGER | Kind.ENUM if form is not None:
            if any(text != str(number) for number, text in form.shown.items()):
                return "name"
            return "hex" if form.hexadecimal else "decimal"
        case Kind.OTHER if field.holds_text:
            return "text"
        case _:
            return _FORMATS.get(field.kind, "expression")


_FORMATS: Mapping[Kind, Format] = {
    Kind.FLOAT: "float",
    Kind.IPV4: "ipv4",
    Kind.IPV6: "ipv6",
    Kind.MAC: "mac",
    Kind.BYTES: "bytes",
    Kind.LAYER: "layer",
    Kind.LAYERS: "layers",
}


def set_or_not(name: str, mask: int) -> Bit:
    """A bit with the two choices that the documents show."""
    return Bit(name, mask, [BitValue("Not Set", 0), BitValue("Set", mask)])


_NUMBER_LIKE = {Kind.INTEGER, Kind.ENUM, Kind.FLAGS}
_NEEDS_EXPRESSION = {Kind.LAYER, Kind.LAYERS, Kind.OTHER}


def _common_type(kinds: set[Kind]) -> FieldType:
    if kinds <= _NUMBER_LIKE:
        return "NUMBER"
    return "EXPRESSION" if kinds & _NEEDS_EXPRESSION else "STRING"


def _describe_form(field: FieldFacts) -> FieldDefinition:
    plain = FieldDefinition(id=field.id, name=field.id, format=format_of(field))
    match field.kind:
        case Kind.INTEGER:
            return _number(plain, field)
        case Kind.ENUM:
            values = _values(field)
            if 0 < len(values) <= ENUM_NAMES:
                return msgspec.structs.replace(plain, type="ENUM", values_dict=values)
            return _number(plain, field)
        case Kind.FLAGS:
            return _bitmask(plain, field)
        case Kind.IPV4:
            return msgspec.structs.replace(plain, type="IP_ADDRESS")
        case Kind.IPV6:
            return msgspec.structs.replace(plain, type="STRING", regex=IPV6_REGEX)
        case Kind.MAC:
            return msgspec.structs.replace(plain, type="MAC_ADDRESS", regex=MAC_REGEX)
        case Kind.OTHER if field.holds_text:
            return msgspec.structs.replace(plain, type="STRING")
        case Kind.BYTES | Kind.FLOAT:
            # Of a BYTES field the editor makes a payload editor, which on being drawn sets the
            # field to the letters of its text: that is for the payload alone, by a data file.
            return msgspec.structs.replace(plain, type="STRING")
        case _:
            return msgspec.structs.replace(plain, type="EXPRESSION")


def _number(plain: FieldDefinition, field: FieldFacts) -> FieldDefinition:
    return msgspec.structs.replace(plain, type="NUMBER", **number_range([field]))


def _values(field: FieldFacts) -> dict[str, int]:
    """Names to numbers that fit, in numeric order; a name used again carries its number."""
    low = NUMBER_MINIMUM if field.minimum is None else max(NUMBER_MINIMUM, field.minimum)
    high = NUMBER_MAXIMUM if field.maximum is None else min(NUMBER_MAXIMUM, field.maximum)
    values: dict[str, int] = {}
    for number, name in sorted(field.enum.items()):
        if low <= number <= high:
            label = name.strip() or str(number)
            values.setdefault(f"{label} ({number})" if label in values else label, number)
    return values


def _bitmask(plain: FieldDefinition, field: FieldFacts) -> FieldDefinition:
    """A BITMASK, highest bit first.

    A field of 32 bits or more is a STRING: the editor reads the value of a BITMASK as
    a Java integer and fails on one with the top bit set.
    """
    if field.maximum is None or field.maximum > NUMBER_MAXIMUM:
        return msgspec.structs.replace(plain, type="STRING")
    named = [(position, name) for position, name in enumerate(field.flags) if name.strip()]
    labels = [name for _, name in named]
    bits = [
        set_or_not(name if labels.count(name) == 1 else f"{name} (bit {position})", 1 << position)
        for position, name in reversed(named)
    ]
    if not bits:
        return _number(plain, field)
    return msgspec.structs.replace(plain, type="BITMASK", bits=bits)


def _ipv6_regex() -> str:
    """All text forms of RFC 4291 section 2.2, in syntax that Java and Python share."""
    group, byte = "[0-9A-Fa-f]{1,4}", r"(25[0-5]|(2[0-4]|1[0-9]|[1-9])?[0-9])"
    ipv4 = rf"({byte}\.){{3}}{byte}"
    forms = [f"({group}:){{7}}{group}", f"({group}:){{6}}{ipv4}"]
    forms += [f"({group}:){{1,{7 - n}}}(:{group}){{1,{n}}}" for n in range(1, 7)]
    forms += [f"({group}:){{1,{6 - n}}}(:{group}){{0,{n - 1}}}:{ipv4}" for n in range(1, 6)]
    forms += [f"({group}:){{1,7}}:", f":(:{group}){{1,7}}", f":(:{group}){{0,5}}:{ipv4}", "::"]
    return f"^({'|'.join(forms)})$"


IPV6_REGEX = _ipv6_regex()
