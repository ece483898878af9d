from __future__ import annotations

import io

import pytest

from tests.console.pipe import Pipe


@pytest.mark.parametrize(("line", "sure"), [("quit", False), ("exit", False), ("quit -f", True)])
def test_quit(pipe: Pipe, line: str, sure: bool) -> None:
    lines = io.StringIO(f"ping\n{line}\nnope\n")
    assert pipe.shell.run_lines(lines)
    assert lines.read() == "nope\n"
    assert pipe.seat.sure is sure


def test_quit_alone(pipe: Pipe) -> None:
    assert "write quit" in pipe.fail("quit now")
    assert not pipe.seat.done
    assert pipe.json("quit") is None
