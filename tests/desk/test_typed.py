from __future__ import annotations

import pytest

from scapy_server.desk.errors import DeskError
from scapy_server.desk.typed import from_hex, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9", "9"),
        ("0x10", "0x10"),
        ("S", "S"),
        ("16.0.0.1", "16.0.0.1"),
        ("two words", "two words"),
        ('"  text "', "  text "),
        ("'text'", "text"),
        ("b'\\x00A'", {"vtype": "BYTES", "base64": "AEE="}),
        ('{"vtype": "RANDOM"}', {"vtype": "RANDOM"}),
        ('[["MSS", 1460]]', [["MSS", 1460]]),
        ("[('MSS', 1460)]", "[('MSS', 1460)]"),
    ],
)
def test_values(text: str, value: object) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize("text", ["'open", "b'open", '"open', '{"a": ', "'a' 'b' c", "'\\x'"])
def test_values_that_are_not_complete(text: str) -> None:
    with pytest.raises(DeskError, match=r"not complete|not JSON"):
        value_of(text)


def test_bytes_in_hexadecimal() -> None:
    assert from_hex("00 01:02,0x03\n04") == bytes(range(5))
    for text in ("0", "zz", "00 1"):
        with pytest.raises(DeskError, match="two digits each"):
            from_hex(text)
