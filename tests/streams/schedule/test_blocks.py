from __future__ import annotations

import numpy as np

from scapy_server.streams.schedule.blocks import EMPTY, Block, nanoseconds, numbered


def block(flows: list[int]) -> Block:
    numbers = np.array(flows, np.uint32)
    return Block(np.arange(len(flows)) / 8, numbers, numbered(numbers, np.zeros(9, np.int64)))


def test_packets_are_numbered_flow_by_flow_across_blocks() -> None:
    sent = np.zeros(3, np.int64)
    assert numbered(np.array([2, 0, 2, 2], np.uint32), sent).tolist() == [0, 0, 1, 2]
    assert numbered(np.array([0, 1, 2], np.uint32), sent).tolist() == [1, 0, 3]
    assert sent.tolist() == [2, 1, 4]
    many = np.full(70_000, 2, np.uint32)
    assert numbered(many, sent)[-1] == 70_003


def test_the_places_of_a_flow() -> None:
    made = block([2, 0, 2, 1])
    assert [(flow, places.tolist()) for flow, places in made.by_flow()] == [
        (0, [1]),
        (1, [3]),
        (2, [0, 2]),
    ]
    assert len(made) == 4
    assert list(EMPTY.by_flow()) == []


def test_a_part_of_a_block_is_a_block() -> None:
    part = block([2, 0, 2, 1])[1:3]
    assert part.indexes.tolist() == [0, 1]
    assert part.times.tolist() == [0.125, 0.25]
    large = np.array([1 << 20, 1 << 20, 3], np.uint32)
    places = [places.tolist() for _, places in Block(np.zeros(3), large, EMPTY.indexes).by_flow()]
    assert places == [[2], [0, 1]]


def test_nanoseconds_are_cut_off() -> None:
    times = np.array([0.0, 1.9999999999999998, 0.7999999999999999, 9.049999e-3, 3.25])
    expected = [0, 1_999_999_999, 799_999_999, 9_049_999, 3_250_000_000]
    assert nanoseconds(times).tolist() == expected
    assert block([0, 0]).nanoseconds.tolist() == [0, 125_000_000]
