from __future__ import annotations

from tests.console.pipe import Pipe


def test_redo(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()")
    changed = pipe.run("set IP.ttl 9")
    pipe.run("undo")
    assert pipe.run("redo") == changed
    assert pipe.value("IP", "ttl") == 9
    assert "nothing to redo" in pipe.fail("redo")


def test_a_program_is_listed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()")
    listed = pipe.run("fe add STLVmFlowVar name=x size=1")
    pipe.run("undo")
    assert pipe.run("redo") == listed
