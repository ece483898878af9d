from __future__ import annotations

import numpy as np

from scapy_server.cli.streams.plot import changing_fields
from scapy_server.packet.layers.registry import Registry
from tests.programs.support import build


def test_the_values_of_fields_that_change(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP")
    rows = np.tile(np.frombuffer(packet.frame, np.uint8), (4, 1)).copy()
    rows[:, 22] = (9, 8, 7, 6)  # the time to live
    rows[:, 29] = (1, 2, 1, 2)  # the last byte of the source address
    rows[:, 14] = (0x45, 0x46, 0x45, 0x46)  # the header length, half a byte
    series = changing_fields(rows, packet)
    assert {name: list(values) for name, values in series.items()} == {
        "IP.ihl": [5, 6, 5, 6],
        "IP.ttl": [9, 8, 7, 6],
        "IP.src": [0x10000001, 0x10000002, 0x10000001, 0x10000002],
    }


def test_fields_beyond_the_rows_are_left_out(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP")
    rows = np.tile(np.frombuffer(packet.frame, np.uint8)[:20], (2, 1)).copy()
    rows[0, 19] ^= 1
    assert list(changing_fields(rows, packet)) == ["IP.id"]
