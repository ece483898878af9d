"""What the program of a stream does, in words: written out, compiled, or none."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scapy_server.errors import RefusedError
from scapy_server.schema.programs import Explanation
from scapy_server.streams.sources.explained import explanation
from scapy_server.streams.sources.given import Selection
from scapy_server.streams.sources.ready import ready

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]
PROGRAM: dict[str, Any] = {
    "field_engine": {
        "instructions": [
            {"id": "STLVmFlowVar", "parameters": {"name": "v", "size": "1", "max_value": "9"}},
            {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "v", "pkt_offset": "IP.tos"}},
            {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}},
        ]
    }
}


def explained(path: Path, source: object, program: object) -> Explanation:
    path.write_text(json.dumps({"source": source, "program": program}))
    return explanation(ready(str(path), Selection()))


def test_a_program_reads_the_same_once_it_is_compiled(tmp_path: Path) -> None:
    path = tmp_path / "stream.json"
    written = explained(path, MODEL, PROGRAM)
    assert (written.period, written.distinct_packets, written.distinct_flows) == (10, 10, 1)
    given = ready(str(path), Selection())
    frame = base64.b64encode(given.stream.template).decode()
    compiled = explained(path, {"binary": frame}, {"vm": given.stream.vm})
    assert msgspec.to_builtins(compiled) == msgspec.to_builtins(written)


def test_no_program(tmp_path: Path) -> None:
    told = explained(tmp_path / "stream.json", MODEL, None)
    assert (told.instructions, told.summary) == ([], "All packets are equal.")


def test_a_vm_that_no_program_compiles_to(tmp_path: Path) -> None:
    entry = {"type": "trim_pkt_size", "name": "nobody"}
    with pytest.raises(RefusedError, match="nobody"):
        explained(tmp_path / "stream.json", MODEL, {"vm": {"instructions": [entry]}})
