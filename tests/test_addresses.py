from __future__ import annotations

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import addresses
from scapy_server.errors import RefusedError

Parser = Callable[[object], str]


@pytest.mark.parametrize(
    ("parser", "value", "text"),
    [
        (addresses.ipv4, "16.0.0.1", "16.0.0.1"),
        (addresses.ipv4, b"\x10\x00\x00\x01", "16.0.0.1"),
        (addresses.ipv4, "255.255.255.255", "255.255.255.255"),
        (addresses.ipv6, "2001:DB8::1", "2001:db8::1"),
        (addresses.ipv6, "2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        (addresses.ipv6, "::", "::"),
        (addresses.ipv6, bytes(15) + b"\x02", "::2"),
        (addresses.mac, "00:00:00:01:00:00", "00:00:00:01:00:00"),
        (addresses.mac, "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"),
        (addresses.mac, b"\xaa\xbb\xcc\xdd\xee\xff", "aa:bb:cc:dd:ee:ff"),
    ],
)
def test_what_is_an_address_is_taken(parser: Parser, value: object, text: str) -> None:
    assert parser(value) == text


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        *[
            (addresses.ipv4, value)
            for value in (
                "",
                "300.1.1.1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.4/30",
                "0x01020304",
                "16909060",
                "01.2.3.4",
                " 1.2.3.4",
                "1.2.3.4\n",
                "::1",
                "localhost",
                b"\x01\x02\x03",
                b"1.2.3.4",
                16909060,
                True,
                None,
                1.5,
                ["1.2.3.4"],
            )
        ],
        *[
            (addresses.ipv6, value)
            for value in (
                "",
                ":::",
                "1::2::3",
                "12345::",
                "fe80::1%eth0",
                "2001:db8::/32",
                "16.0.0.1",
                "localhost",
                b"\x00" * 15,
                b"::1",
                1,
                None,
            )
        ],
        *[
            (addresses.mac, value)
            for value in (
                "",
                "00:00:00:01:00",
                "00:00:00:01:00:00:00",
                "00:00:00:01:00:0",
                "00:00-00:01:00:00",
                "0000.0001.0000",
                "000000010000",
                "00:00:00:01:00:0g",
                "00:00:00:01:00:00\n",
                "00:00:00:01:00:0\uff10",
                b"\x00" * 5,
                b"\x00" * 7,
                1,
                None,
            )
        ],
    ],
)
def test_what_is_not_an_address_is_refused_with_an_example(parser: Parser, value: object) -> None:
    with pytest.raises(RefusedError, match=r"is not an? (IPv4|IPv6|MAC) address such as"):
        parser(value)


@given(st.integers(0, 2**32 - 1))
def test_text_and_bytes_of_an_ipv4_address_are_the_same(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    assert addresses.ipv4(address.packed) == addresses.ipv4(str(address)) == str(address)


@given(st.integers(0, 2**128 - 1))
def test_every_spelling_of_an_ipv6_address_becomes_the_shortest(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    spellings = (address.packed, str(address), address.exploded, address.exploded.upper())
    assert {addresses.ipv6(spelling) for spelling in spellings} == {str(address)}


@given(st.binary(min_size=6, max_size=6), st.sampled_from(":-"))
def test_every_spelling_of_a_mac_address_becomes_lower_case_with_colons(
    octets: bytes, separator: str
) -> None:
    assert addresses.mac(octets.hex(separator).upper()) == addresses.mac(octets) == octets.hex(":")


@given(st.text(max_size=20))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for parser in (addresses.ipv4, addresses.ipv6, addresses.mac):
        try:
            parser(text)
        except RefusedError as error:
            assert error.problem


@given(st.binary(min_size=6, max_size=6), st.sampled_from(":-"))
def test_the_bytes_and_the_number_of_a_mac_address(octets: bytes, separator: str) -> None:
    assert addresses.mac_bytes(octets.hex(separator)) == octets
    assert addresses.address_number(octets.hex(separator)) == int.from_bytes(octets, "big")


@pytest.mark.parametrize(
    ("text", "number"), [("16.0.0.1", 0x10000001), ("1.2.3", None), ("::1", None), ("7", None)]
)
def test_the_number_of_an_address(text: str, number: int | None) -> None:
    assert addresses.address_number(text) == number
