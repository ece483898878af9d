from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.layers.number_form import FlagNames, NumberForm

BYTE = NumberForm(0, 255)
HEX = NumberForm(0, 0xFFFF, hexadecimal=True)
PROTO = NumberForm(0, 255, names={"tcp": 6, "TCP": 6}, shown={6: "tcp"})
LETTERS = FlagNames(("F", "S", "", "P"), joined=False)
JOINED = FlagNames(("MF", "DF", "evil"), joined=True)


@pytest.mark.parametrize(
    ("form", "raw", "number"),
    [
        (BYTE, 7, 7),
        (BYTE, "7", 7),
        (BYTE, "0x10", 16),
        (BYTE, "007", 7),
        (BYTE, 256, None),
        (BYTE, -1, None),
        (BYTE, "tcp", None),
        (BYTE, "", None),
        (PROTO, "tcp", 6),
        (PROTO, "TCP", 6),
        (PROTO, "udp", None),
        (NumberForm(0, 15, flags=LETTERS), "SF", 3),
        (NumberForm(0, 15, flags=LETTERS), "X", None),
        (NumberForm(0, 7, flags=JOINED), "MF+DF", 3),
        (NumberForm(0, 7, flags=JOINED), "MFDF", None),
        (NumberForm(0, 7, flags=JOINED), "", None),
    ],
)
def test_reading(form: NumberForm, raw: int | str, number: int | None) -> None:
    assert form.read(raw) == number


@pytest.mark.parametrize(
    ("form", "number", "text"),
    [
        (BYTE, 16, "16"),
        (HEX, 16, "0x10"),
        (PROTO, 6, "tcp"),
        (PROTO, 7, "7"),
        (NumberForm(0, 15, flags=LETTERS), 3, "FS"),
        (NumberForm(0, 15, flags=LETTERS), 4, "4"),
        (NumberForm(0, 15, flags=LETTERS), 16, "16"),
        (NumberForm(0, 7, flags=JOINED), 7, "MF+DF+evil"),
        (NumberForm(0, 7, flags=JOINED), 0, ""),
        (NumberForm(0, 7, flags=JOINED, zero_is_default=False), 0, "0"),
    ],
)
def test_showing(form: NumberForm, number: int, text: str) -> None:
    assert form.show(number) == text


@pytest.mark.parametrize("form", [BYTE, HEX, PROTO, NumberForm(1, 15, flags=LETTERS)])
@given(data=st.data())
def test_what_is_shown_is_read(form: NumberForm, data: st.DataObject) -> None:
    number = data.draw(st.integers(form.minimum, form.maximum))
    assert form.read(form.show(number)) == number


def test_of_equal_names_only_the_lowest_bit_has_it() -> None:
    twice = FlagNames(("A", "A"), joined=False)
    assert twice.number("A") == 1
    assert twice.text(1) == "A"
    assert twice.text(2) is None
