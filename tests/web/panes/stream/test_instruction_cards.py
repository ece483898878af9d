from __future__ import annotations

from scapy_server.web.panes.stream.instruction_cards import error_place, words_of


def test_an_instruction_in_one_line() -> None:
    instruction = {"id": "STLVmFlowVar", "parameters": {"name": "a", "size": "1", "step": ""}}
    assert words_of(instruction) == "STLVmFlowVar: name a, size 1"
    assert words_of({"id": "STLVmFixIpv4"}) == "STLVmFixIpv4"


def test_the_parameter_that_an_error_names() -> None:
    error = "instruction 2 (STLVmTrimPktSize), parameter fv_name: a length comes from 2 bytes"
    assert error_place(error) == (2, "fv_name")
    assert error_place("the program has no instructions") is None
