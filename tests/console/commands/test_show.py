from __future__ import annotations

import base64
import json

from tests.console.pipe import Pipe


def test_show(pipe: Pipe) -> None:
    built = pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("show") == built


def test_as_json(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    shown = json.loads(pipe.run("show json"))
    assert base64.b64decode(shown["binary"]) == pipe.session.packet.frame
    assert [layer["id"] for layer in shown["data"]] == ["Ether", "IP", "UDP"]
    assert pipe.json("show") == shown
    pipe.run("fe add STLVmFlowVar name=x size=1")
    assert len(pipe.json("show")["field_engine"]["instructions"]) == 1
    assert "write show" in pipe.fail("show yaml")
