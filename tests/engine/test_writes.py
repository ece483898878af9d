"""Which bits writes set, and to what."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.vm import WriteMask, WriteVar
from scapy_server.engine.writes import MaskedWrite, PlainWrite, VariableWrite, bits_of
from tests.engine.test_bits import shown

Bytes = dict[int, int]


def plain(add_value: int = 0, is_big_endian: bool = True) -> WriteVar:
    return WriteVar("v", 20, add_value, is_big_endian)


def masked(**given: Any) -> WriteMask:
    usual = WriteMask("v", 20, 1, mask=255, shift=0, add_value=0, is_big_endian=True)
    return msgspec.structs.replace(usual, **given)


WRITES: list[tuple[int, WriteVar | WriteMask, Bytes, tuple[int, Bytes]]] = [
    # (bytes of the variable, instruction, bits changed, (a value, bits written))
    (2, plain(), {20: 255, 21: 255}, (0x0102, {20: 1, 21: 2})),
    (2, plain(is_big_endian=False), {20: 255, 21: 255}, (0x0102, {20: 2, 21: 1})),
    (1, plain(300), {20: 255}, (250, {20: 38})),
    (2, plain(-14), {20: 255, 21: 255}, (10, {20: 255, 21: 252})),
    (1, masked(), {20: 255}, (7, {20: 7})),
    (2, masked(mask=1, shift=-1), {20: 1}, (30, {20: 1})),
    (1, masked(mask=0x0FF0, pkt_cast_size=2, shift=4, add_value=2), {20: 0x0F, 21: 0xF0},
     (14, {20: 1})),
    (2, masked(is_big_endian=False), {20: 255}, (0x1234, {20: 0x34})),
    (8, masked(mask=0xFFFFFFFF, pkt_cast_size=4), dict.fromkeys(range(20, 24), 255),
     (0x1122334455667788, {20: 0x11, 21: 0x22, 22: 0x33, 23: 0x44})),
    (8, masked(mask=0xFFFFFFFF, is_big_endian=False), dict.fromkeys(range(20, 24), 255),
     (0x1122334455667788, {20: 0x88, 21: 0x77, 22: 0x66, 23: 0x55})),
]  # fmt: skip


def step_of(item: WriteVar | WriteMask, size: int) -> VariableWrite:
    return PlainWrite(item, size) if isinstance(item, WriteVar) else MaskedWrite(item, size)


@pytest.mark.parametrize(("size", "item", "bits", "written"), WRITES, ids=str)
def test_writes(
    size: int, item: WriteVar | WriteMask, bits: Bytes, written: tuple[int, Bytes]
) -> None:
    write = step_of(item, size)
    assert shown(bits_of(write, 60)) == bits
    value, expected = written
    rows = np.zeros((1, 60), np.uint8)
    write.apply(rows, np.array([value], np.uint32 if size <= 4 else np.uint64))
    assert shown(int.from_bytes(rows.tobytes(), "big")) == expected


@given(
    st.integers(0, 300),
    st.integers(0, 40),
    st.sampled_from([0xFF, 0x0FF0, 0xFFFF, 0xFF00FF]),
    st.integers(-3, 12),
    st.integers(-9, 9),
)
def test_what_is_told_apart_is_written_differently(
    low: int, width: int, mask: int, shift: int, add: int
) -> None:
    write = MaskedWrite(masked(mask=mask, pkt_cast_size=4, shift=shift, add_value=add), 2)
    values = np.arange(low, low + width + 1, dtype=np.uint32)
    if write.tells_apart(low, low + width):
        assert len(np.unique(write.written(values))) == width + 1
