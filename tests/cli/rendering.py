"""Streams in files, and the commands that render them, run in this process."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from scapy_server.captures.reading import read_capture
from scapy_server.cli.app import app
from scapy_server.engine import Renderer
from tests.engine.programs import TEMPLATES

VM: dict[str, Any] = {
    "instructions": [
        {"type": "flow_var", "name": "src", "size": 4, "op": "inc", "step": 1}
        | {"init_value": 1, "min_value": 1, "max_value": 5},
        {"type": "flow_var", "name": "port", "size": 2, "op": "inc", "step": 1}
        | {"init_value": 1, "min_value": 1, "max_value": 3},
        *(
            {"type": "write_flow_var", "name": name, "pkt_offset": place, "add_value": 0}
            | {"is_big_endian": True}
            for name, place in (("src", 26), ("port", 34))
        ),
        {"type": "fix_checksum_ipv4", "pkt_offset": 14},
    ]
}


FRAME = TEMPLATES["udp"]


MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP"}]


def stream(**more: Any) -> dict[str, Any]:
    mode = {"type": "continuous", "rate": {"type": "pps", "value": 4}}
    packet = {"binary": base64.b64encode(FRAME).decode()}
    return {"flags": 3, "mode": mode, "packet": packet, "vm": VM} | more


def write_json(path: Path, content: object) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def command(*arguments: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, list(arguments), input=typed)


def frames(path: Path) -> list[bytes]:
    return [frame.data for frame in read_capture(path.read_bytes())]


def expected(count: int, vm: object = VM, start: int = 0) -> list[bytes]:
    renderer = Renderer(FRAME, vm)
    rows, lengths = renderer.block(start, count)
    return [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]
