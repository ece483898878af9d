from __future__ import annotations

from tests.console.pipe import Pipe


def test_instructions_as_they_are_typed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x size=1 value_list='[1, 2]'")
    line = pipe.run("fe list").strip()
    pipe.run("fe remove all", f"fe add {line.partition(' ')[2]}")
    assert pipe.run("fe list").strip() == line
    assert len(pipe.json("fe list")["instructions"]) == 1
    assert "varied by 1 Field Engine instruction; fe lists them" in pipe.run("show")
