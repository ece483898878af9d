"""Programs as they go over the wire."""

from __future__ import annotations

import msgspec

from scapy_server.schema.programs import Explanation, ReadInstruction, ReadProgram


def test_a_program_that_does_not_compile_explains_nothing() -> None:
    explained = msgspec.to_builtins(Explanation("no such layer"))
    numbers = ("lead", "period", "uncached_period", "distinct_packets", "distinct_flows")
    assert [explained[name] for name in numbers] == [None] * 5
    assert (explained["error"], explained["exact"]) == ("no such layer", False)
    assert (explained["instructions"], explained["variables"]) == ([], [])


def test_large_counts_are_read_as_text() -> None:
    text = b'{"lead": 0, "period": "18446744073709551616", "from_a_later_version": 1}'
    explained = msgspec.json.decode(text, type=Explanation)
    assert (explained.lead, explained.period) == (0, "18446744073709551616")


def test_what_a_vm_does_not_have_is_left_out() -> None:
    read = ReadProgram([ReadInstruction("STLVmFixIpv4", {"offset": 14})])
    assert msgspec.to_builtins(read) == {
        "instructions": [{"id": "STLVmFixIpv4", "parameters": {"offset": 14}}],
        "warnings": [],
    }
