"""The values besides layers that expressions construct by name, in both directions.

A `Constructor` makes a value from the arguments of a call and knows which values it
makes, so that the text of any such value is read back as an equal one. `CONSTRUCTORS`
is the whole list.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scapy import fields as sf
from scapy.asn1 import asn1

from scapy_server.errors import RefusedError, shown
from scapy_server.packet.values.option_lists import check_tcp_option

Arguments = Sequence[Any]
Keywords = Mapping[str, Any]


@dataclass(frozen=True)
class Constructor:
    """A name that makes values: `make` from its arguments, `argument` from a value back.

    `makes` are the exact types whose values are written with this name; the one
    argument that makes an equal value is what `argument` gives.
    """

    make: Callable[[Arguments, Keywords], object]
    makes: type | None = None
    argument: Callable[[Any], object] = str


def _one(
    arguments: Arguments, keywords: Keywords, types: type | tuple[type, ...], what: str
) -> Any:
    if keywords or len(arguments) != 1:
        raise RefusedError(f"takes one argument, {what}")
    if not isinstance(arguments[0], types) or isinstance(arguments[0], bool):
        raise RefusedError(f"takes {what}, not {shown(arguments[0])}")
    return arguments[0]


def _uuid(arguments: Arguments, keywords: Keywords) -> uuid.UUID:
    text = _one(arguments, keywords, str, "the text of a UUID")
    try:
        return uuid.UUID(text)
    except ValueError:
        raise RefusedError(f"{shown(text)} is not a UUID") from None


_DECIMAL = re.compile(r"-?[0-9]{1,64}(?:\.[0-9]{1,64})?")


def _fraction(arguments: Arguments, keywords: Keywords) -> Fraction:
    text = _one(arguments, keywords, str, "the text of a decimal number")
    if not _DECIMAL.fullmatch(text):
        raise RefusedError(f"{shown(text)} is not a decimal number such as '1.5'")
    return Fraction(text)


def _decimal_text(value: Fraction) -> str:
    """The plain decimal of a fraction that has an end, as fixed-point numbers have."""
    digits = value.denominator.bit_length() - 1
    whole, rest = divmod(abs(value) * 10**digits, 10**digits)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{int(rest):0{digits}}".rstrip("0") if digits else f"{sign}{whole}"


def _float(arguments: Arguments, keywords: Keywords) -> float:
    value = _one(arguments, keywords, (str, int, float), "a number or its text")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise RefusedError(f"{shown(value)} is not a number of floating point") from None


def _raw_value(arguments: Arguments, keywords: Keywords) -> sf.RawVal:
    return sf.RawVal(_one(arguments, keywords, bytes, "the bytes of a field"))


def _empty_set(arguments: Arguments, keywords: Keywords) -> set[Any]:
    if arguments or keywords:
        raise RefusedError("takes no argument; write a set as {1, 2}")
    return set()


def _tcp_options(arguments: Arguments, keywords: Keywords) -> list[tuple[Any, Any]]:
    """The list that the field `options` of TCP holds, from pairs, names or keywords."""
    if len(arguments) == 1 and isinstance(arguments[0], list) and not keywords:
        arguments = arguments[0]
    return [_tcp_option(item) for item in (*arguments, *keywords.items())]


def _tcp_option(item: object) -> tuple[Any, Any]:
    """An option as the field holds it; a name alone is one without a value."""
    option: Any = (item, None) if isinstance(item, str) else item
    check_tcp_option(option)
    name, value = option
    return name, value


def _held(value: Any) -> object:
    """What an ASN.1 object holds; RefusedError for one that was not understood."""
    try:
        return value.val
    except AttributeError:
        raise RefusedError(f"what {type(value).__name__} holds cannot be told") from None


def _asn1(cls: type[Any], types: type | tuple[type, ...], what: str) -> Constructor:
    def make(arguments: Arguments, keywords: Keywords) -> object:
        value = _one(arguments, keywords, types, what)
        if issubclass(cls, asn1.ASN1_BIT_STRING) and set(value) - {"0", "1"}:
            raise RefusedError(f"takes {what}, not {shown(value)}")
        try:
            return cls(value)
        except Exception:
            raise RefusedError(f"{shown(value)} is not {what}") from None

    return Constructor(make, cls, _held)


_ASN1_CONTENTS: Mapping[tuple[type | tuple[type, ...], str], tuple[type[Any], ...]] = {
    (int, "a whole number"): (
        asn1.ASN1_INTEGER,
        asn1.ASN1_BOOLEAN,
        asn1.ASN1_ENUMERATED,
        asn1.ASN1_COUNTER32,
        asn1.ASN1_COUNTER64,
        asn1.ASN1_GAUGE32,
        asn1.ASN1_TIME_TICKS,
    ),
    (str, "text of the digits 0 and 1"): (asn1.ASN1_BIT_STRING,),
    (str, "an object identifier such as '1.3.6.1'"): (asn1.ASN1_OID,),
    (str, "an IPv4 address"): (asn1.ASN1_IPADDRESS,),
    (str, "a time such as '20300101000000Z'"): (
        asn1.ASN1_GENERALIZED_TIME,
        asn1.ASN1_UTC_TIME,
    ),
    ((str, bytes), "text or bytes"): (
        asn1.ASN1_STRING,
        asn1.ASN1_UTF8_STRING,
        asn1.ASN1_NUMERIC_STRING,
        asn1.ASN1_PRINTABLE_STRING,
        asn1.ASN1_T61_STRING,
        asn1.ASN1_VIDEOTEX_STRING,
        asn1.ASN1_IA5_STRING,
        asn1.ASN1_GENERAL_STRING,
        asn1.ASN1_ISO646_STRING,
        asn1.ASN1_UNIVERSAL_STRING,
        asn1.ASN1_BMP_STRING,
    ),
    ((int, type(None)), "None"): (asn1.ASN1_NULL,),
    (list, "a list of ASN.1 values"): (asn1.ASN1_SEQUENCE, asn1.ASN1_SET),
    ((bytes, asn1.ASN1_Object), "bytes or an ASN.1 value"): (
        asn1.ASN1_DECODING_ERROR,
        asn1.ASN1_force,
        asn1.ASN1_BADTAG,
    ),
}

CONSTRUCTORS: Mapping[str, Constructor] = {
    "TCPOptions": Constructor(_tcp_options),
    "RawVal": Constructor(_raw_value, sf.RawVal, bytes),
    "UUID": Constructor(_uuid, uuid.UUID),
    "Fraction": Constructor(_fraction, Fraction, _decimal_text),
    "float": Constructor(_float),
    "set": Constructor(_empty_set),
    **{
        cls.__name__: _asn1(cls, *content)
        for content, classes in _ASN1_CONTENTS.items()
        for cls in classes
    },
}

_BY_TYPE = {
    constructor.makes: (name, constructor.argument)
    for name, constructor in CONSTRUCTORS.items()
    if constructor.makes is not None
}


def as_call(value: object) -> tuple[str, object] | None:
    """The name and the argument of the call that makes `value`, or None if none does."""
    if isinstance(value, float):
        return None if math.isfinite(value) else ("float", str(value))
    # Layers define ASN.1 types of their own; the one they derive from is encoded alike.
    ancestors = type(value).__mro__ if isinstance(value, asn1.ASN1_Object) else (type(value),)
    for cls in ancestors:
        if cls in _BY_TYPE:
            name, argument = _BY_TYPE[cls]
            return name, argument(value)
    return None
