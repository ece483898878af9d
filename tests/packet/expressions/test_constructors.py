from __future__ import annotations

import math
import uuid
from fractions import Fraction

import pytest
from scapy.asn1 import asn1
from scapy.fields import RawVal

from scapy_server.errors import RefusedError
from scapy_server.packet.expressions.constructors import CONSTRUCTORS, as_call
from scapy_server.packet.layers.registry import Registry


@pytest.mark.parametrize(
    ("value", "call"),
    [
        (RawVal(b"a"), ("RawVal", b"a")),
        (uuid.UUID(int=0), ("UUID", "00000000-0000-0000-0000-000000000000")),
        (Fraction(1, 2), ("Fraction", "0.5")),
        (Fraction(1, 10), ("Fraction", "0.1")),
        (Fraction(-5, 4), ("Fraction", "-1.25")),
        (Fraction(7), ("Fraction", "7")),
        (math.inf, ("float", "inf")),
        (asn1.ASN1_COUNTER32(7), ("ASN1_COUNTER32", 7)),
        (1.5, None),
        (7, None),
        ("text", None),
        (object(), None),
    ],
)
def test_the_call_that_makes_a_value(value: object, call: tuple[str, object] | None) -> None:
    assert as_call(value) == call


def test_a_type_derived_from_an_asn1_type_is_written_as_that_type() -> None:
    class Special(asn1.ASN1_STRING):
        pass

    assert as_call(Special(b"a")) == ("ASN1_STRING", b"a")


def test_each_value_is_made_by_its_call(registry: Registry) -> None:
    for name, argument in [
        ("RawVal", b"a"),
        ("UUID", str(uuid.UUID(int=5))),
        ("Fraction", "1.25"),
        ("float", "nan"),
        ("ASN1_INTEGER", 5),
        ("ASN1_OID", "1.3.6"),
        ("ASN1_NULL", None),
        ("ASN1_SEQUENCE", []),
        ("ASN1_UTC_TIME", "700101000000Z"),
        ("ASN1_BADTAG", b"a"),
    ]:
        value = CONSTRUCTORS[name].make([argument], {})
        assert as_call(value) == (name, argument)


@pytest.mark.parametrize("name", [name for name in CONSTRUCTORS if name != "TCPOptions"])
@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [([object()], {}), ([1, 2], {}), ([], {"x": 1}), ([True], {}), ([{}], {})],
)
def test_wrong_arguments_are_refused(
    name: str, arguments: list[object], keywords: dict[str, object]
) -> None:
    with pytest.raises(RefusedError, match="takes"):
        CONSTRUCTORS[name].make(arguments, keywords)
