from __future__ import annotations

import pytest

from scapy_server.packet.edits.options import OptionBytes

KIND, LENGTH, VALUE = slice(0, 1), slice(1, 2), slice(2, 6)
#: Options of TCP, of which one claims more than is there, and both forms of IKE.
CUT = OptionBytes(bytes.fromhex("3028 30303030"), KIND, LENGTH, VALUE)
RIGHT = OptionBytes(bytes.fromhex("3006 30303030"), KIND, LENGTH, VALUE)
LIFE = OptionBytes(bytes.fromhex("000c 0004 00015180"), slice(0, 2), slice(2, 4), slice(4, 8))
LONG = OptionBytes(bytes.fromhex("0002 0002 0001"), slice(0, 2), slice(2, 4), slice(4, 6))
SHORT = OptionBytes(bytes.fromhex("8002 0001"), slice(0, 2), slice(0, 0), slice(2, 4))


@pytest.mark.parametrize(
    ("option", "written", "item", "expected"),
    [
        (CUT, "3006 31313131", (48, b"1111"), "3028 31313131"),
        (CUT, "3004 3131", (48, b"11"), "3028 3131"),
        (RIGHT, "3006 31313131", (48, b"1111"), "3006 31313131"),
        (RIGHT, "3004 3131", (48, b"11"), "3004 3131"),
        (LIFE, "000c 0003 0df907", ("LifeDuration", 915719), "000c 0004 000df907"),
        (LIFE, "800c 0005", ("LifeDuration", 5), "000c 0004 00000005"),
        (LIFE, "800c 0000", ("LifeDuration", 0), "000c 0004 00000000"),
        (LIFE, "000c 0005 0100000000", ("LifeDuration", 1 << 32), "000c 0005 0100000000"),
        (LONG, "8002 0002", ("Hash", "SHA"), "8002 0002"),
        (LONG, "0002 0003 010203", ("Hash", 66051), "0002 0003 010203"),
        (SHORT, "8002 0007", ("Hash", 7), "8002 0007"),
        (SHORT, "0002 0003 010203", ("Hash", 66051), "0002 0003 010203"),
    ],
)
def test_the_rest_of_the_option_stays(
    option: OptionBytes, written: str, item: object, expected: str
) -> None:
    after = option.with_value(bytes.fromhex(written), item)
    assert after.hex() == expected.replace(" ", "")
