"""Lists of domain names are read as Scapy reads them, whatever their bytes are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scapy.compat import plain_str
from scapy.layers.inet6 import DomainNameListField

pytestmark = pytest.mark.usefixtures("registry")
_FIELD: Any = DomainNameListField


def _as_scapy_reads(data: bytes, padded: bool) -> list[str]:
    """What Scapy's own loop gives, which takes each label off the text."""
    text, names = plain_str(data), []
    while text:
        labels = []
        while text and ord(text[0]) != 0:
            size = ord(text[0])
            labels.append(text[1 : size + 1])
            text = text[size + 1 :]
        if labels or not padded:
            names.append(".".join(labels) + ".")
        text = text[1:]
    return names


@given(
    st.one_of(st.binary(max_size=40), st.lists(st.integers(0, 4), max_size=40).map(bytes)),
    st.booleans(),
)
@example("\u0101abc".encode() + b"\x00", True)
def test_names_are_those_that_scapy_reads(data: bytes, padded: bool) -> None:
    field = _FIELD("names", [], padded=padded)
    assert field.m2i(None, data) == _as_scapy_reads(data, padded)


def test_names_are_found_between_zeros() -> None:
    field = _FIELD("names", [], padded=True)
    assert field.m2i(None, b"\x01a\x02bc\x00\x00\x00\x03com\x00") == ["a.bc.", "com."]
