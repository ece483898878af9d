"""What docs/results.md shows of packets is what comes back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from scapy_server.rpc import Dispatcher
from scapy_server.schema.results import FieldResult, LayerResult, PacketResult
from tests.services.packets.calling import call

PAGE = (Path(__file__).parents[1] / "docs" / "results.md").read_text()
EXAMPLES = [
    json.loads(text) for text in re.findall(r"^```json\n(\[?\{.+?)\n```$", PAGE, re.M | re.S)[:3]
]


def test_a_model_comes_back(dispatcher: Dispatcher) -> None:
    model, result, _ = EXAMPLES
    assert call(dispatcher, "build_pkt", [model]) == result
    assert call(dispatcher, "build_pkt", [result["data"]]) == result


def test_an_odd_stack(dispatcher: Dispatcher) -> None:
    stack = [{"id": "Ether"}, {"id": "TCP"}, {"id": "IP"}]
    layers = call(dispatcher, "build_pkt", [stack])["data"]
    assert [{key: layer[key] for key in EXAMPLES[2][0]} for layer in layers] == EXAMPLES[2]


def test_every_key_is_told() -> None:
    """Each section has a table with all keys of its type and no other."""
    types: dict[str, Any] = {
        "The packet": PacketResult,
        "Layers": LayerResult,
        "Fields": FieldResult,
    }
    for heading, kind in types.items():
        section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        table = section.partition("|---|---|\n")[2].partition("\n\n")[0]
        told = [
            name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])
        ]
        keys = {field.encode_name for field in msgspec.structs.fields(kind)}
        assert set(told) - {"field_engine"} == keys, heading
