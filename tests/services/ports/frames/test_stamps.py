"""The end of latency packets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scapy_server.services.ports.frames.stamps import (
    BYTES,
    NO_GENERATION,
    Stamp,
    next_generation,
    read,
    written,
)

stamps = st.builds(
    Stamp,
    st.integers(0, 255),
    st.integers(0, 127),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 1 << 62),
)


@given(stamps)
def test_a_stamp_comes_back(stamp: Stamp) -> None:
    assert len(written(stamp)) == BYTES
    assert read(b"frame" + written(stamp), 128, stamp.sent) == stamp


def test_the_layout_is_the_published_one() -> None:
    assert written(Stamp(5, 0x7F, 0xFFFFFFFE, 0x0102030405060708)).hex() == (
        "ab057f00feffffff0807060504030201"
    )


def test_what_cannot_be_ours_is_no_stamp() -> None:
    data = written(Stamp(5, 1, 0, 1_000_000_000))
    assert read(data, 128, 4_999_999_999) is not None
    assert read(data, 128, 5_000_000_001) is None
    assert read(data, 1, 1_000_000_000) is None
    assert read(data[1:], 128, 1_000_000_000) is None


def test_no_generation_is_that_of_none() -> None:
    generation, seen = NO_GENERATION, set()
    for _ in range(300):
        generation = next_generation(generation)
        seen.add(generation)
    assert seen == set(range(256)) - {NO_GENERATION}
