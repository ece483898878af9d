"""Looks for small requests that cost much: `python bench/costs.py [SECONDS] [SEED] [DIRECTORY]`.

Makes requests of the kinds that multiply work (layers over payloads, many models, misspelt
names, rendered trees), answers them in this process, and keeps the twenty that took most
processor time. Prints them, and writes them into the directory if one is named.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from scapy_server.services.packets.loading import load_dispatcher

KEPT = 20
_INSTRUCTIONS = [
    {"id": "STLVmFlowVar", "parameters": {"name": "v", "size": "2", "op": "inc"}},
    {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "v", "pkt_offset": "1"}},
]


class Maker:
    """Makes requests over these layers; `chance` decides which."""

    def __init__(self, layers: list[str], chance: random.Random) -> None:
        self._layers = layers
        self._chance = chance

    def request(self) -> bytes:
        """The next one."""
        kind = self._chance.choice((self._build, self._build_many, self._misspell, self._render))
        method, params = kind()
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return json.dumps(call, separators=(",", ":")).encode()

    def _model(self) -> list[Any]:
        size = self._chance.choice((100, 60_000, 1_000_000))
        code = {"vtype": "BYTES", "generate": "template_code", "template_code": "11"}
        load = {"id": "load", "value": {**code, "size": size}}
        layer = {"id": self._chance.choice(self._layers)}
        count = self._chance.choice((1, 10, 60, 127))
        return [*[layer] * count, {"id": "Raw", "fields": [load]}]

    def _build(self) -> tuple[str, list[Any]]:
        return "build_pkt", [self._model()]

    def _build_many(self) -> tuple[str, list[Any]]:
        return "build_pkts", [[self._model()] * self._chance.choice((10, 60))]

    def _misspell(self) -> tuple[str, list[Any]]:
        names = [
            self._chance.choice(self._layers) + self._chance.choice("xyz") for _ in range(1000)
        ]
        return "build_pkts", [[[{"id": name}] for name in names]]

    def _render(self) -> tuple[str, list[Any]]:
        layers = [{"id": self._chance.choice(self._layers)}] * self._chance.choice((5, 48))
        program = {"field_engine": {"instructions": _INSTRUCTIONS}}
        options = {"count": 200, "detail": self._chance.choice(("changes", "tree"))}
        return "render_packets", [[{"id": "Ether"}, *layers], program, options]


def main() -> None:
    """Search, and tell what was found."""
    seconds, seed = float([*sys.argv, "60"][1]), int([*sys.argv, "60", "1"][2])
    dispatcher = load_dispatcher((), ())
    asked = dispatcher.handle(b'{"jsonrpc":"2.0","id":1,"method":"get_definitions"}')
    protocols = json.loads(asked.data)["result"]["protocols"]
    maker = Maker([protocol["id"] for protocol in protocols], random.Random(seed))
    worst: list[tuple[float, bytes]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        request = maker.request()
        begin = time.process_time()
        dispatcher.handle(request)
        worst = sorted([*worst, (time.process_time() - begin, request)], reverse=True)[:KEPT]
    for number, (cost, request) in enumerate(worst):
        print(f"{cost:6.2f} s {len(request):8} bytes  {request[:100].decode()}")
        if len(sys.argv) > 3:
            (Path(sys.argv[3]) / f"{number:02}.json").write_bytes(request)


if __name__ == "__main__":
    main()
