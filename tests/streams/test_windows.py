from __future__ import annotations

import numpy as np

from scapy_server.engine.captures import Pcap
from scapy_server.streams.records import Recorder
from scapy_server.streams.schedule import Block
from scapy_server.streams.windows import Windows
from tests.streams.support import FRAME, packet, stream
from tests.streams.test_records import traffic


def block(flows: list[int], indexes: list[int]) -> Block:
    return Block(np.zeros(len(flows)), np.array(flows, np.uint32), np.array(indexes, np.int64))


def test_windows_move_with_the_packets_that_are_asked_for() -> None:
    layout = Pcap()
    recorder = Recorder(traffic(stream(1), stream(2, packet=packet(FRAME[:60]))), layout)
    windows = Windows(np.array([len(FRAME), 60]), 4, layout, recorder.flow)
    for flows, indexes in (([0, 1, 0], [0, 0, 1]), ([1, 0], [1, 5]), ([0], [0])):
        asked = block(flows, indexes)
        sizes = {}
        for places, rows in windows.chosen(asked, np.arange(len(flows))):
            for place, row in zip(places.tolist(), rows, strict=True):
                sizes[place] = len(row)
        lengths = [recorder.flow(number).length for number in flows]
        assert [sizes[n] for n in range(len(flows))] == [16 + length for length in lengths]
