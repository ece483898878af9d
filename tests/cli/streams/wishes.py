"""Options that commands have in common, and what they stand for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scapy_server.streams.sources.given import Selection

SELECTING = "--program p.json --stream s --seed 5 --cores 3 --hardware raw"
SELECTED = Selection(Path("p.json"), "s", 5, 3, "raw")
PROFILE = "--port 1 --port 2 -m 10% -d 2.5 --force --speed 1G -t size=64 --limit 9 --port-macs a,b"
WISHED: dict[str, Any] = {
    "ports": (1, 2),
    "multiplier": "10%",
    "duration": 2.5,
    "force": True,
    "speed": "1G",
    "tunables": "size=64",
    "limit": "9",
    "port_macs": ("a,b",),
}
