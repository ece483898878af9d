"""Programs of the Field Engine for the packet at hand."""

from __future__ import annotations

import json

from tests.console.pipe import Pipe


def test_field_engine_programs(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("fe") == "no instructions\n"
    pipe.run("fe add STLVmFlowVar name=ttl size=1 value_list='[1, 2]'")
    pipe.run('fe add {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "ttl"}}')
    pipe.run("fe global cache_size=5")
    assert pipe.run("fe list").splitlines() == [
        "  0 STLVmFlowVar name=ttl size=1 value_list='[1, 2]'",
        "  1 STLVmWrFlowVar fv_name=ttl",
        "    global cache_size=5",
    ]
    assert pipe.session.packet.program.instructions[0]["parameters"]["value_list"] == {
        "vtype": "EXPRESSION",
        "expr": "[1, 2]",
    }
    assert "varied by 2 Field Engine instructions" in pipe.run("set IP.ttl 9")
    assert len(pipe.session.packet.program.instructions) == 2  # changes keep the program
    pipe.run("fe remove 0")
    assert "  0 STLVmWrFlowVar" in pipe.run("fe list")
    assert pipe.run("undo").startswith("  0 STLVmFlowVar name=ttl")
    assert pipe.run("redo").startswith("  0 STLVmWrFlowVar")
    pipe.run("undo", "fe remove all")
    assert pipe.run("fe compile").endswith("[SUCCESS]\n")
    for line, said in (
        ("fe add", "add which instruction"),
        ("fe add name=x", "add which instruction"),
        ("fe add STLVmFlowVar name", "'name' is not a parameter"),
        ("fe add STLVmFlowVar name='x", "no closing quotation"),
        ('fe add {"parameters": {}}', 'an instruction has an "id"'),
        ('fe add {"id": "x", "parameters": 5}', 'an instruction has an "id"'),
        ("fe remove 0", "has no instructions"),
        ("fe remove x", "has no instructions"),
        ("fe global", "which parameter"),
        ("fe dance", "fe cannot 'dance'"),
    ):
        assert said in pipe.fail(line)


def test_compiling_a_program(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9")
    shown = pipe.run("fe compile")
    assert "warning: nothing writes ttl into the packet" in shown
    pipe.run("fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl", "fe add STLVmFixIpv4 offset=IP")
    compiled = pipe.run("fe compile")
    vm = json.loads(compiled[: compiled.rindex("\n}\n") + 2])
    assert [item["type"] for item in vm["instructions"]] == [
        "flow_var",
        "write_flow_var",
        "fix_checksum_ipv4",
    ]
    assert vm["instructions"][1]["pkt_offset"] == 22
    assert "cache" not in vm  # nothing that nobody asked for
    assert "There are 9 different packets" in compiled
    pipe.run(f"hex {pipe.session.packet.frame.hex()}")  # what was dissected can be varied too
    pipe.run("fe add STLVmTrimPktSize fv_name=x")
    assert "[FAILED] instruction 0 (STLVmTrimPktSize)" in pipe.fail("fe compile")
