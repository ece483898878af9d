"""The checksums that a plan computes again, against RFC 1071."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.checksums import Checksum, joined, word_sum


@given(data=st.binary(min_size=4, max_size=60), constant=st.integers(0, 65534))
def test_checksums_are_those_of_rfc_1071(data: bytes, constant: int) -> None:
    frame = bytearray(data)
    value, _ = Checksum(2, ((0, len(frame)),), constant, NumberForm(0, 65535)).fill(frame)
    padded = bytes(frame) + b"\0" * (len(frame) % 2)
    total = constant + sum(
        int.from_bytes(padded[i : i + 2], "big") for i in range(0, len(padded), 2)
    )
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert total in (0, 0xFFFF)
    assert int(value) == int.from_bytes(frame[2:4], "big")
    assert word_sum(frame, ((0, len(frame)),)) == -constant % 65535


@given(st.binary(min_size=60, max_size=60), st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_ranges_that_are_joined_add_up_to_the_same(data: bytes, cuts: list[int]) -> None:
    frame, ranges = bytearray(data), [*zip(sorted(cuts), sorted(cuts)[1:], strict=False)]
    assert word_sum(frame, joined(ranges)) == word_sum(frame, tuple(ranges))


def test_addresses_are_joined_with_what_follows_them() -> None:
    assert joined([(26, 30), (30, 34), (34, 55)]) == ((26, 55),)
    assert joined([(26, 30), (30, 34), (38, 55)]) == ((26, 34), (38, 55))
    assert joined([(0, 3), (3, 5)]) == ((0, 3), (3, 5))
