from __future__ import annotations

from scapy_server.console.commands import COMMANDS
from tests.console.pipe import Pipe


def test_help(pipe: Pipe) -> None:
    listed = pipe.run("help").splitlines()
    assert [line.split()[0] for line in listed] == [command.name for command in COMMANDS]
    assert pipe.run("help set").splitlines()[0] == "set LAYER.FIELD VALUE | @BYTE=HEX"
    for command in COMMANDS:
        assert command.help in pipe.run(f"help {command.name}")
    assert [each["command"] for each in pipe.json("?")] == [each.name for each in COMMANDS]
    assert pipe.json("help undo")["usage"] == "undo"


def test_help_on_a_method(pipe: Pipe) -> None:
    lines = pipe.run("help reconstruct_pkt").splitlines()
    assert lines[0] == "reconstruct_pkt(binary_pkt, model_descriptor, link_type)"
    assert lines[1] == "  Dissect a frame, change fields of it, and build it again."
    assert lines[3].startswith("  model_descriptor (an array or null, may be left out): ")
    assert lines[-1].startswith("  Result: ")
    assert "binary_pkt" in pipe.json("help reconstruct_pkt")["parameters"]
