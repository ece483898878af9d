"""Sources made ready to render."""

from __future__ import annotations

import base64
import json
from fractions import Fraction
from pathlib import Path

import pytest

from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.ready import ready

FRAME = bytes(range(60))
VM = {
    "instructions": [
        {"type": "flow_var", "name": "v", "size": 1, "op": "inc", "step": 1}
        | {"init_value": 1, "min_value": 1, "max_value": 3},
        {"type": "write_flow_var", "name": "v", "pkt_offset": 0, "add_value": 0}
        | {"is_big_endian": True},
    ]
}
STREAM = {
    "mode": {"type": "single_burst", "total_pkts": 6, "rate": {"type": "pps", "value": 4}},
    "packet": {"binary": base64.b64encode(FRAME).decode()},
    "vm": VM,
    "random_seed": 3,
}


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "stream.json"
    path.write_text(json.dumps(STREAM))
    return str(path)


def test_bytes_and_a_vm(source: str) -> None:
    stream = ready(source, Selection())
    assert stream.prepared is None  # nothing had to be built
    assert stream.stream.template == FRAME
    assert (stream.stream.random_seed, stream.count, stream.gap) == (3, 6, Fraction(1, 4))
    assert ready(source, Selection(seed=8)).stream.random_seed == 8
    cycle = stream.variation().values_of("v")
    assert (cycle.different, cycle.period) == (3, 3)
    assert stream.packet().frame == FRAME


def test_a_template_and_a_named_program(tmp_path: Path) -> None:
    program = tmp_path / "program.json"
    instructions = [
        {"id": "STLVmFlowVar", "parameters": {"name": "ttl", "size": "1", "max_value": "9"}},
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl", "pkt_offset": "IP.ttl"}},
    ]
    program.write_text(json.dumps({"instructions": instructions}))
    stream = ready("IPv4/UDP", Selection(program=program))
    assert stream.prepared is not None
    assert stream.packet() is stream.prepared.packet
    assert any("checksum" in warning for warning in stream.warnings)
