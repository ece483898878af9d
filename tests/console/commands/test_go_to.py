from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_goto(pipe: Pipe) -> None:
    pipe.run("open three.pcap")
    assert pipe.run("goto 3").startswith("packet 3 of 3")
    shown = pipe.json("goto 2")
    assert (shown["number"], shown["of"]) == (2, 3)


@pytest.mark.parametrize("number", ["0", "4", "x", "-1", "1 2", "²"])
def test_no_such_packet(pipe: Pipe, number: str) -> None:
    pipe.run("open three.pcap")
    assert pipe.fail(f"goto {number}")
