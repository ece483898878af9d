from __future__ import annotations

from tests.console.pipe import Pipe


def test_one_or_all(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x", "fe add STLVmFlowVar name=y")
    assert pipe.run("fe remove 0") == "  0 STLVmFlowVar name=y\n"
    assert "has the instructions 0 to 0" in pipe.fail("fe remove 1")
    assert pipe.run("fe remove all") == "no instructions\n"
    for line in ("fe remove 0", "fe remove x", "fe remove"):
        assert "has no instructions" in pipe.fail(line)
