from __future__ import annotations

from scapy_server.web.panes.stream_tab import words_of


def test_an_instruction_in_one_line() -> None:
    instruction = {"id": "STLVmFlowVar", "parameters": {"name": "a", "size": "1", "step": ""}}
    assert words_of(instruction) == "STLVmFlowVar: name a, size 1"
    assert words_of({"id": "STLVmFixIpv4"}) == "STLVmFixIpv4"
