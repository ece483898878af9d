from __future__ import annotations

import random

from scapy_server.desk.editing import built
from scapy_server.desk.fuzzing import fuzzed
from scapy_server.desk.names import field_rows
from tests.desk.asking import Answerer

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "TCP"}]


def test_some_fields_change_and_the_length_never(answerer: Answerer) -> None:
    packet = answerer.run(built(MODEL))
    frames = [fuzzed(packet.frame, packet.layers, random.Random(seed)) for seed in range(20)]
    assert {len(frame) for frame in frames} == {len(packet.frame)}
    assert len(set(frames)) > 15
    assert frames == [
        fuzzed(packet.frame, packet.layers, random.Random(seed)) for seed in range(20)
    ]


def test_only_bits_of_fields_are_touched(answerer: Answerer) -> None:
    packet = answerer.run(built(MODEL))
    rows = [row for row in field_rows(packet.layers) if row.field_id == "dport"]
    layers = [{**packet.layers[2], "fields": [rows[0].field]}]
    for seed in range(20):
        frame = fuzzed(packet.frame, layers, random.Random(seed))
        assert frame[:36] == packet.frame[:36]
        assert frame[38:] == packet.frame[38:]


def test_what_has_no_fields_stays() -> None:
    assert fuzzed(b"abc", [], random.Random(1)) == b"abc"
