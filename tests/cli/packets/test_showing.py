from __future__ import annotations

import json

import pytest

from scapy_server.batch.recipe import Recipe
from scapy_server.cli.packets.showing import show


def test_packets_as_trees_or_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show("Ether()/IP(ttl=9)", Recipe(), None, as_json=False)
    assert capsys.readouterr().out.startswith("34 bytes\nEther  Ethernet  from byte 0\n")
    show("Ether()/IP(ttl=9)", Recipe(), None, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["data"]) == 2
