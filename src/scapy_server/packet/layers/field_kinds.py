"""What kind of value a Scapy field holds, told from its class.

One function per question; `facts` asks them once per field.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from scapy import asn1fields as asn1
from scapy import fields as sf
from scapy.layers.inet6 import _PhantomAutoPadField

from scapy_server.numbers import whole_number
from scapy_server.packet.layers.number_form import FlagNames, NumberForm


class Kind(Enum):
    """The kinds of field value that are read, checked and shown differently."""

    # There is one of each; by its name, as in any enumeration, takes several times as long.
    __hash__ = object.__hash__

    INTEGER = "integer"
    ENUM = "enum"
    FLAGS = "flags"
    FLOAT = "float"
    IPV4 = "ipv4"
    IPV6 = "ipv6"
    MAC = "mac"
    BYTES = "bytes"
    LAYER = "layer"
    LAYERS = "layers"
    OTHER = "other"


_INTEGER_FORMATS = "bBhHiIlLqQ"
_FLOAT_CLASSES = (
    sf.IEEEFloatField,
    sf.IEEEDoubleField,
    sf.BCDFloatField,
    sf.FixedPointField,
    sf.UTCTimeField,
    sf.SecondsIntField,
    sf.ScalingField,
    sf.BitScalingField,
)
_INTEGER_CLASSES = (
    sf.ThreeBytesField,
    sf.LEThreeBytesField,
    sf.NBytesField,
    sf.BitExtendedField,
)
#: The first class that a field is an instance of decides.
_KIND_OF_CLASS: tuple[tuple[Any, Kind], ...] = (
    (sf.FlagsField, Kind.FLAGS),
    (sf.MultiFlagsField, Kind.OTHER),
    (sf.IPField, Kind.IPV4),
    (sf.IP6Field, Kind.IPV6),
    (sf.MACField, Kind.MAC),
    (_FLOAT_CLASSES, Kind.FLOAT),
    (sf._StrField, Kind.BYTES),
    (asn1.ASN1F_enum_INTEGER, Kind.ENUM),
    (asn1.ASN1F_NULL, Kind.OTHER),
    (asn1.ASN1F_INTEGER, Kind.INTEGER),
    ((asn1.ASN1F_UTC_TIME, asn1.ASN1F_GENERALIZED_TIME, asn1.ASN1F_IPADDRESS), Kind.OTHER),
    (asn1.ASN1F_STRING, Kind.BYTES),
)


def kind_of(field: Any) -> Kind:
    """The kind of value that the field holds."""
    if field.holds_packets:
        return Kind.LAYERS if field.islist else Kind.LAYER
    if field.islist or isinstance(field.default, tuple):
        return Kind.OTHER
    for cls, kind in _KIND_OF_CLASS:
        if isinstance(field, cls):
            return kind
    if _codes_itself(field) and not isinstance(field.default, int | None):
        return Kind.BYTES if isinstance(field.default, bytes) else Kind.OTHER
    if not _is_integer(field):
        return Kind.OTHER
    named = isinstance(field, sf._EnumField | _PhantomAutoPadField)
    return Kind.ENUM if named else Kind.INTEGER


def _is_integer(field: Any) -> bool:
    if isinstance(field, (sf._BitField, *_INTEGER_CLASSES)):
        return True
    fmt = _format(field)
    return len(fmt) == 1 and fmt in _INTEGER_FORMATS


def _codes_itself(field: Any) -> bool:
    """Whether the format says nothing, since the field packs its value in its own way."""
    if isinstance(field, (sf._BitField, sf._StrField, *_INTEGER_CLASSES)):
        return False
    return getattr(type(field), "addfield", None) is not sf.Field.addfield


def _format(field: Any) -> str:
    """The field's struct format without byte order; "" of ASN.1 fields, which have none."""
    return str(getattr(field, "fmt", "")).lstrip("@=<>!")


def bits_of(field: Any) -> int | None:
    """The width of the field, None where it varies."""
    if isinstance(field, sf.BitLenField | sf.BitExtendedField):
        return None
    if isinstance(field, sf._BitField):
        return int(field.size)
    if isinstance(field, sf.StrFixedLenField):
        return _fixed_length_bits(field)
    if isinstance(field, sf._StrField) and not _format(field)[:-1].isdigit():
        return None
    if field.islist or field.holds_packets or _codes_itself(field):
        return None
    return 8 * declared_size(field) or None


def declared_size(field: Any) -> int:
    """The bytes of the field as its class declares them, 0 if it does not."""
    if isinstance(field, sf.ThreeBytesField | sf.X3BytesField | sf.LEThreeBytesField):
        return 3  # up to Scapy 2.6 they declare 4
    return int(getattr(field, "sz", 0))


def _fixed_length_bits(field: Any) -> int | None:
    """The width of a text field whose length no other field decides."""
    try:
        length = field.length_from(None)
    except Exception:
        return None
    return 8 * length or None


def range_of(field: Any, kind: Kind, bits: int | None) -> tuple[int | None, int | None]:
    """The least and the greatest number that the field holds, None where that is not known."""
    if kind not in (Kind.INTEGER, Kind.ENUM, Kind.FLAGS) or bits is None:
        return None, None
    if _format(field)[-1] in "bhilq" and not isinstance(field, sf._BitField):
        return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if _reads_otherwise(field):
        return _range_as_read(field, bits)
    return 0, (1 << bits) - 1


def _reads_otherwise(field: Any) -> bool:
    """Whether the class makes other numbers of the field's bits than Scapy's own fields do."""
    reads = getattr(type(field), "m2i", None)
    return reads is not None and reads.__module__ != sf.__name__


def _range_as_read(field: Any, bits: int) -> tuple[int, int]:
    """The range of what a class reads from the field's bits, if that is one without gaps."""
    half, all_bits = 1 << (bits - 1), (1 << bits) - 1
    try:
        read = [field.m2i(None, number) for number in (0, half - 1, half, all_bits)]
    except Exception:
        return 0, all_bits  # it needs its packet
    low, high = min(read), max(read)
    return (low, high) if high - low == all_bits else (0, all_bits)


def enum_of(field: Any) -> Mapping[int, str]:
    """The names of the field's numbers."""
    if isinstance(field, _PhantomAutoPadField):
        return {0: "Off", 1: "On"}
    table = getattr(field, "i2s", None)
    if not isinstance(table, dict):
        return {}
    return {
        int(number): str(name)
        for number, name in table.items()
        if isinstance(number, int) and isinstance(name, str)
    }


def flags_of(field: Any) -> tuple[str, ...]:
    """The names of the field's bits from the lowest up."""
    return tuple(str(name) for name in list(field.names)[: field.size])


#: Ways of showing a number that a form can follow, by the function that does it.
_PLAIN_TEXT = {sf.Field.i2repr}
_HEX_TEXT = {
    field.i2repr
    for field in (
        sf.XByteField,
        sf.X3BytesField,
        sf.XLE3BytesField,
        sf.XShortField,
        sf.XLEShortField,
        sf.XIntField,
        sf.XLEIntField,
        sf.XLongField,
        sf.XLELongField,
        sf.XBitField,
    )
}
_ENUM_TEXT = {
    sf._EnumField.i2repr,
    sf.BitEnumField.i2repr,
    sf.BitLenEnumField.i2repr,
    sf.LE3BytesEnumField.i2repr,
}
_HEX_ENUM_TEXT = {
    sf.XByteEnumField.i2repr_one,
    sf.XShortEnumField._i2repr,
    sf.XLE3BytesEnumField._i2repr,
}
if hasattr(sf, "XLEIntEnumField"):  # since Scapy 2.7
    _HEX_ENUM_TEXT.add(sf.XLEIntEnumField._i2repr)
_PLAIN_ENUM_TEXT = {sf._EnumField._i2repr, sf._EnumField.i2repr_one}


def number_form_of(field: Any, kind: Kind) -> NumberForm | None:
    """How the numbers of a field are written, None if its class has a way of its own."""
    minimum, maximum = range_of(field, kind, bits_of(field))
    if minimum is None or maximum is None or isinstance(field, asn1.ASN1F_field):
        return None
    if kind is Kind.FLAGS:
        names = FlagNames(flags_of(field), isinstance(field.names, list))
        default = field.default
        return NumberForm(minimum, maximum, flags=names, zero_is_default=not default)
    if type(field).i2h is not sf.Field.i2h or _reads_otherwise(field):
        return None
    if kind is Kind.ENUM:
        return _enum_form(field, minimum, maximum)
    shows = type(field).i2repr
    if shows not in _PLAIN_TEXT | _HEX_TEXT:
        return None
    return NumberForm(minimum, maximum, hexadecimal=shows in _HEX_TEXT)


def names_form(
    names: Mapping[int, str], minimum: int | None, maximum: int | None
) -> NumberForm | None:
    """How numbers are written that have these names and are decimal otherwise."""
    if minimum is None or maximum is None:
        return None
    numbers: dict[str, int] = {}
    for number, name in names.items():
        if whole_number(name) is None:
            numbers.setdefault(name, number)
    return NumberForm(minimum, maximum, False, numbers, {n: name for name, n in numbers.items()})


def _enum_form(field: Any, minimum: int, maximum: int) -> NumberForm | None:
    one, other = type(field).i2repr_one, type(field)._i2repr
    plain = one in _PLAIN_ENUM_TEXT and other in _PLAIN_ENUM_TEXT
    hexadecimal = one in _HEX_ENUM_TEXT or other in _HEX_ENUM_TEXT
    known = type(field).i2repr in _ENUM_TEXT and (plain or hexadecimal)
    if not known or not isinstance(field.i2s, dict) or not isinstance(field.s2i, dict):
        return None
    names = {
        name: number
        for name, number in field.s2i.items()
        if isinstance(name, str) and isinstance(number, int)
    }
    shown = {
        number: name
        for number, name in field.i2s.items()
        if isinstance(name, str) and names.get(name) == number and whole_number(name) is None
    }
    # A number whose name means another one is shown as it is, and so is no exception.
    unnamed = {number: str(number) for number in field.i2s if number not in shown}
    return NumberForm(minimum, maximum, hexadecimal, names, {**unnamed, **shown})
