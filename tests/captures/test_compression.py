from __future__ import annotations

import io

import pytest

from scapy_server import limits
from scapy_server.captures.compression import Inflated
from tests.captures.files import compressed

DATA = bytes(range(256)) * 1000
EMPTY = compressed(b"")


def inflated(packed: bytes, bound: int | None = None) -> tuple[bytes, str | None]:
    file = Inflated(io.BytesIO(packed), bound=bound)
    return b"".join(iter(lambda: file.read(10_000), b"")), file.damage


@pytest.mark.parametrize(
    "packed",
    [
        compressed(DATA),
        compressed(DATA[:30]) + compressed(DATA[30:]),
        compressed(DATA) + EMPTY * 3,
        compressed(DATA) + bytes(99_999),
    ],
)
def test_members_are_read_one_after_the_other(packed: bytes) -> None:
    assert inflated(packed) == (DATA, None)


def test_the_start_may_have_been_read() -> None:
    packed = compressed(DATA)
    file = Inflated(io.BytesIO(packed[100:]), packed[:100])
    assert file.read(len(DATA) + 1) == DATA


@pytest.mark.parametrize(
    ("packed", "damage"),
    [
        (compressed(DATA)[:-1], "the gzip file is cut short at byte"),
        (compressed(DATA) + b"tail", "the gzip file is damaged near byte"),
        (compressed(DATA) + bytes(99_999) + b"\1", "the gzip file is damaged near byte"),
    ],
)
def test_what_comes_before_damage_is_read(packed: bytes, damage: str) -> None:
    data, found = inflated(packed)
    assert data == DATA
    assert (found or "").startswith(damage)


def test_a_wrong_check_sum() -> None:
    assert "is damaged" in (inflated(compressed(DATA)[:-8] + bytes(8))[1] or "")


def test_bound() -> None:
    assert inflated(compressed(DATA), len(DATA)) == (DATA, None)
    data, damage = inflated(compressed(DATA + b"x"), len(DATA))
    assert data == DATA
    assert damage == "the decompressed capture is longer than a capture may be"


def test_members() -> None:
    most = limits.CAPTURE_GZIP_MEMBERS
    assert inflated(compressed(DATA) + EMPTY * (most - 1)) == (DATA, None)
    data, damage = inflated(compressed(DATA) + EMPTY * most)
    assert data == DATA
    assert damage == f"the gzip file has over {most:d} members"
