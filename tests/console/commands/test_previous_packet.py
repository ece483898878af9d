from __future__ import annotations

from tests.console.pipe import Pipe


def test_prev(pipe: Pipe) -> None:
    pipe.run("open three.pcap", "goto 3")
    assert pipe.run("prev").startswith("packet 2 of 3")
    pipe.run("prev")
    assert "the packets 1 to 3, not 0" in pipe.fail("prev")
