from __future__ import annotations

from tests.console.pipe import Pipe


def test_a_program_in_sentences(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9")
    pipe.run("fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl")
    lines = pipe.run("fe explain").splitlines()
    assert lines[0].startswith("  0 Variable ttl (1 byte) counts up between 1 and 9")
    assert lines[1] == "  1 Writes ttl to IP.ttl (byte 22)."
    assert "There are 9 different packets" in lines[2]
    assert lines[3].startswith("warning: bytes of IP are written and its checksum is not fixed")
    assert pipe.json("fe explain")["distinct_packets"] == 9


def test_a_program_that_became_wrong(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "fe add STLVmFlowVar name=x size=1")
    pipe.run("fe add STLVmWrFlowVar fv_name=x pkt_offset=IP.ttl", "fe remove 0")
    assert "instruction 0 (STLVmWrFlowVar)" in pipe.fail("fe explain")
