from __future__ import annotations

from tests.console.pipe import Pipe


def test_what_may_follow(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert "Raw" in pipe.run("payloads").splitlines()
    assert "Raw" in pipe.json("payloads")
