from __future__ import annotations

from tests.console.commands.ports.profile import cells
from tests.console.pipe import Pipe


def test_ports(console: Pipe) -> None:
    _, first, second = cells(console.run("ports"))
    assert (first[:3], second[:3]) == (["0", "-", "IDLE"], ["1", "-", "IDLE"])
    assert [each["state"] for each in console.json("ports")] == ["IDLE", "IDLE"]
