"""Compressed messages."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.services.ports.requests.zipped import TooLarge, is_zipped, unzipped, zipped


@given(st.binary())
def test_a_text_comes_back(text: bytes) -> None:
    assert unzipped(zipped(text), 1000 + len(text)) == text


def test_the_header_is_the_published_one() -> None:
    message = zipped(b"{}")
    assert message[:8] == bytes.fromhex("abe85cea00000002")
    assert zlib.decompress(message[8:]) == b"{}"


@given(st.binary())
def test_no_message_fails(message: bytes) -> None:
    assert isinstance(unzipped(bytes.fromhex("abe85cea") + message, 1 << 20), bytes)


def test_what_is_not_compressed_is_taken_as_it_is() -> None:
    assert unzipped(b"[]", 10) == b"[]"
    assert not is_zipped(b"[]")


def test_no_more_is_unpacked_than_is_taken() -> None:
    bomb = zipped(bytes(100_000))
    assert len(bomb) < 1000
    with pytest.raises(TooLarge) as error:
        unzipped(bomb, 1000)
    assert error.value.size == 100_000
    assert unzipped(bomb, 100_000) == bytes(100_000)
