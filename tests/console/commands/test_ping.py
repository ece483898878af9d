from __future__ import annotations

from tests.console.pipe import Pipe


def test_ping(pipe: Pipe) -> None:
    assert pipe.run("ping") == "-> Pinging RPC server\n[SUCCESS]\n"
    assert pipe.json("ping") == {}
