from __future__ import annotations

from tests.console.pipe import Pipe


def test_global(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x size=1")
    assert pipe.run("fe global cache_size=5").splitlines()[-1] == "    global cache_size=5"
    assert pipe.json("fe")["global_parameters"] == {"cache_size": "5"}
    assert "which parameter" in pipe.fail("fe global")
    assert "cache_size" in pipe.fail("fe global cache_size=x")
