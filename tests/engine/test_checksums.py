"""Checksums of blocks, against sums word by word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.checksums import (
    HardwareChecksum,
    ICMPv6Checksum,
    IPv4Checksum,
    WordSum,
    folded,
    written_by,
)
from scapy_server.engine.vm import FixHardware, FixICMPv6, FixIPv4
from scapy_server.errors import RefusedError
from tests.engine import oracle
from tests.engine.programs import TEMPLATES

UDP, TCP, ICMPV6 = TEMPLATES["udp"], TEMPLATES["tcp"], TEMPLATES["icmpv6"]
TCP6 = TEMPLATES["tcp6"]


def block(
    template: bytes, *changes: dict[int, int]
) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A row for each set of changed bytes."""
    rows = np.empty((len(changes), len(template)), np.uint8)
    rows[:] = np.frombuffer(template, np.uint8)
    for row, changed in zip(rows, changes, strict=True):
        for offset, value in changed.items():
            row[offset] = value
    return rows


def little(total: int) -> int:
    """A sum of big-endian words as one of little-endian words."""
    return int.from_bytes(total.to_bytes(2, "big"), "little")


@given(st.binary(min_size=1, max_size=40), st.data())
def test_sums_are_those_of_the_words(data: bytes, draw: st.DataObject) -> None:
    start = draw.draw(st.integers(0, len(data) - 1))
    stop = draw.draw(st.integers(start + 1, len(data)))
    touched = draw.draw(st.sets(st.integers(0, len(data) - 1), max_size=5))
    rows = block(data, dict.fromkeys(touched, 0x5A), {})
    end = draw.draw(st.integers(start, stop))
    sums = WordSum(data, start, stop, touched)
    for row, total, part in zip(
        rows, sums.total(rows), sums.total_until(rows, np.array([end, end])), strict=True
    ):
        frame = row.tobytes()
        assert int(folded(total)) % 0xFFFF == little(oracle.ones_sum(frame[start:stop])) % 0xFFFF
        assert int(folded(part)) % 0xFFFF == little(oracle.ones_sum(frame[start:end])) % 0xFFFF


def test_a_cleared_word_counts_as_nothing() -> None:
    data = bytes([1, 2, 3, 4])
    sums = WordSum(data, 0, 4, {2}, cleared=2)
    assert int(sums.total(block(data, {}))[0]) == 0x0201


@pytest.mark.parametrize("header_length", [5, 6])
def test_ipv4_goes_by_the_length_that_the_program_writes(header_length: int) -> None:
    item, first = FixIPv4(14), 0x40 | header_length
    rows = block(UDP, {14: first, 30: 9}, {14: 0x45})
    IPv4Checksum(item, UDP, {14, 30}).apply(rows)
    for row, before in zip(rows, block(UDP, {14: first, 30: 9}, {14: 0x45}), strict=True):
        frame = bytearray(before.tobytes())
        oracle.fix_ipv4(frame, 14)
        assert row.tobytes() == bytes(frame)


def test_a_header_length_past_the_packet_is_refused() -> None:
    template = UDP[:34]
    checksum = IPv4Checksum(FixIPv4(14), template, {14})
    with pytest.raises(RefusedError, match="past the packet of 34 bytes"):
        checksum.apply(block(template, {14: 0x46}))


@pytest.mark.parametrize("payload", [0x18, 0x17, 0x10])
def test_icmpv6_goes_by_the_payload_length(payload: int) -> None:
    item = FixICMPv6(14, 40)
    changed = {19: payload, 57: 3}
    rows = block(ICMPV6, changed)
    ICMPv6Checksum(item, ICMPV6, changed).apply(rows)
    frame = bytearray(block(ICMPV6, changed)[0].tobytes())
    oracle.fix_icmpv6(frame, 14, 40)
    assert rows[0].tobytes() == bytes(frame)


def test_a_payload_past_the_packet_is_refused() -> None:
    with pytest.raises(RefusedError, match="payload length 24 reaches past the packet"):
        ICMPv6Checksum(FixICMPv6(14, 40), ICMPV6[:-2], ())
    checksum = ICMPv6Checksum(FixICMPv6(14, 40), ICMPV6, {19})
    with pytest.raises(RefusedError, match="payload length 26 reaches past the packet"):
        checksum.apply(block(ICMPV6, {19: 26}))


@pytest.mark.parametrize(
    ("template", "item"),
    [
        (UDP, FixHardware(14, 20, 11)),
        (UDP, FixHardware(14, 0, 17)),
        (TCP, FixHardware(14, 20, 13)),
        (TCP6, FixHardware(14, 40, 13)),
    ],
)
@pytest.mark.parametrize("cut", [None, 60, 50, 41, 33])
def test_the_card_completes_what_is_left_of_a_frame(
    template: bytes, item: FixHardware, cut: int | None
) -> None:
    changed = {30: 7, len(template) - 1: 9, 17: template[17]}
    rows = block(template, changed)
    checksum = HardwareChecksum(item, template, {*changed, *written_by(item, template)})
    checksum.apply(rows)
    checksum.complete(rows, None if cut is None else np.array([cut]))
    frame = bytearray(block(template, changed)[0].tobytes())
    raw = {"l2_len": item.l2_len, "l3_len": item.l3_len, "l4_type": item.l4_type}
    completion = oracle.prepare_hardware(template, frame, raw)
    del frame[len(frame) if cut is None else cut :]
    oracle.complete_hardware(frame, *completion)
    assert rows[0].tobytes()[: len(frame)] == bytes(frame)


def test_which_bytes_a_checksum_writes() -> None:
    assert written_by(FixIPv4(14), UDP) == [24, 25]
    assert written_by(FixICMPv6(14, 40), ICMPV6) == [56, 57]
    assert written_by(FixHardware(14, 20, 11), UDP) == [24, 25, 40, 41]
    assert written_by(FixHardware(14, 40, 13), TCP6) == [70, 71]
    checksum = HardwareChecksum(FixHardware(14, 20, 13), TCP, ())
    assert (checksum.replaced, checksum.summed) == ([24, 25], [50, 51])
