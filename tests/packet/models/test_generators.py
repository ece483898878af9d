from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.models.generators import pattern_bytes, random_bytes
from scapy_server.packet.models.model import DEFAULT_SEED, PatternBytes, RandomBytes, Size


def random_spec(seed: int, *, ascii: bool = False) -> RandomBytes:  # noqa: A002
    return RandomBytes(Size(0), seed, ascii)


@pytest.mark.parametrize(
    ("seed", "size", "expected"),
    [
        (DEFAULT_SEED, 4, "agLTTA=="),
        (DEFAULT_SEED, 12, "agLTTF4xkCkfbo8s"),
        (123, 12, "DRZoG+YJiVXaKFZV"),
        (DEFAULT_SEED, 0, ""),
    ],
)
def test_random_bytes_are_those_that_clients_know(seed: int, size: int, expected: str) -> None:
    assert random_bytes(random_spec(seed), size) == base64.b64decode(expected)


def test_random_ascii_is_the_text_that_the_packet_editor_expects() -> None:
    text = random_bytes(random_spec(12345, ascii=True), 32)
    assert text == b'G n<B2U/+IU0TA{(|GO.d2@"@{|f yri'


@given(st.integers(1, 2**64), st.integers(0, 300), st.integers(0, 300))
def test_a_shorter_payload_is_the_beginning_of_a_longer_one(
    seed: int, one: int, other: int
) -> None:
    shorter, longer = sorted((one, other))
    long = random_bytes(random_spec(seed), longer)
    assert random_bytes(random_spec(seed), shorter) == long[:shorter]
    assert len(long) == longer


@given(st.integers(1, 2**64), st.integers(0, 300))
def test_random_ascii_is_printable(seed: int, size: int) -> None:
    text = random_bytes(random_spec(seed, ascii=True), size)
    assert len(text) == size
    assert all(0x20 <= byte <= 0x7E for byte in text)


@pytest.mark.parametrize(
    ("pattern", "size", "expected"),
    [
        (b"abc", None, b"abc"),
        (b"abc", 0, b""),
        (b"abc", 2, b"ab"),
        (b"abc", 3, b"abc"),
        (b"abc", 7, b"abcabca"),
        (b"", None, b""),
        (b"", 7, b""),
    ],
)
def test_patterns_are_repeated_and_cut(pattern: bytes, size: int | None, expected: bytes) -> None:
    assert pattern_bytes(PatternBytes(pattern, None), size) == expected
