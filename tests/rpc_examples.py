"""Writes the answers of the examples: `python -m tests.rpc_examples`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scapy_server.packet.loading import modules
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.services.packets.calling import reply_to

FILE = Path(__file__).parents[1] / "src/scapy_server/services/packets/examples.json"
LONGEST = 5000  # characters of a result that stands in the file

#: Methods that only a running server answers, or whose answers name an installation.
DIFFERENT_EVERYWHERE = ("server_status", "get_version")


def text(dispatcher: Dispatcher) -> str:
    """The file as it is to be, one example a line."""
    entries = json.loads(FILE.read_text())
    lines = [f'"{name}": {json.dumps(_entry(dispatcher, name, entries[name]))}' for name in entries]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entry(dispatcher: Dispatcher, name: str, entry: dict[str, Any]) -> dict[str, Any]:
    if name in DIFFERENT_EVERYWHERE and "result" in entry:
        return entry
    found = {"params": entry["params"]}
    reply = reply_to(dispatcher, name, entry["params"])
    if "result" in reply and len(json.dumps(reply["result"])) <= LONGEST:
        found["result"] = reply["result"]
    return found


if __name__ == "__main__":
    FILE.write_text(text(dispatcher_of(Core.over(modules.load()))))
