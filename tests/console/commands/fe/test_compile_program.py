from __future__ import annotations

import json

from tests.console.pipe import Pipe


def test_the_vm_and_what_is_to_be_minded(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9")
    assert "warning: nothing writes ttl into the packet" in pipe.run("fe compile")
    pipe.run("fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl", "fe add STLVmFixIpv4 offset=IP")
    shown = pipe.run("fe compile")
    assert shown.endswith("[SUCCESS]\n")
    vm = json.loads(shown[: shown.rindex("\n}\n") + 2])
    types = [item["type"] for item in vm["instructions"]]
    assert types == ["flow_var", "write_flow_var", "fix_checksum_ipv4"]
    assert vm["instructions"][1]["pkt_offset"] == 22
    assert "cache" not in vm  # nothing that nobody asked for
    assert pipe.json("fe compile") == {"vm": vm, "warnings": []}


def test_a_program_that_became_wrong(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()", "fe add STLVmFlowVar name=x size=1")
    pipe.run("fe add STLVmWrFlowVar fv_name=x pkt_offset=IP.ttl", "fe remove 0")
    assert "instruction 0 (STLVmWrFlowVar), parameter fv_name" in pipe.fail("fe compile")


def test_what_was_dissected_can_be_varied_too(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "fe add STLVmFixIpv4 offset=IP")
    assert "fix_checksum_ipv4" in pipe.run("fe compile")
