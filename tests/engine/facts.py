"""The recorded facts: 60 test vectors and what the engine's own simulator sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

VECTORS: list[dict[str, Any]] = [
    json.loads(line) for line in (DATA / "vectors.jsonl").read_text().splitlines()
]
ENGINE_OUTPUTS: dict[str, dict[str, Any]] = json.loads((DATA / "engine_outputs.json").read_text())


def vector_arguments(vector: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a renderer or of the oracle for a vector."""
    template = bytes.fromhex(vector["pkt"]) if "pkt" in vector else bytes(vector.get("pkt_len", 60))
    return {
        "template": template,
        "vm": vector["vm"],
        "random_seed": vector.get("random_seed", 0),
        "cores": vector.get("cores", 1),
        "thread_id": vector.get("thread_id", 0),
        "hardware": "raw" if vector.get("hw") == "sim" else "complete",
    }


def observe(vector: dict[str, Any], packets: Sequence[bytes]) -> list[Any]:
    """What a vector asks to read of packets, in the form of its `expect`."""
    if vector["read"] == "len":
        return [len(packet) for packet in packets]
    sample = vector["expect"][0]
    seen = []
    for packet in packets:
        fields = [packet[offset : offset + width] for offset, width in vector["read"]]
        shapes = sample if isinstance(sample, list) else [sample]
        row = [
            field.hex() if isinstance(shape, str) else int.from_bytes(field, "big")
            for field, shape in zip(fields, shapes, strict=True)
        ]
        seen.append(row if isinstance(sample, list) else row[0])
    return seen


def check_engine_output(recorded: dict[str, Any], packets: Sequence[bytes]) -> None:
    """Assert that packets are the recorded ones, byte for byte, in length and content."""
    template = bytes.fromhex(recorded["template"])
    assert [len(packet) for packet in packets] == recorded["lengths"]
    for packet, changed in zip(packets, recorded["bytes"], strict=True):
        expected = bytearray(template.ljust(60, b"\0")[: len(packet)])
        offsets = [place for place in recorded["changed_offsets"] if place < len(packet)]
        for place, value in zip(offsets, bytes.fromhex(changed), strict=True):
            expected[place] = value
        assert packet == bytes(expected)
