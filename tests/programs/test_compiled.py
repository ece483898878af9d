"""A program in the order in which the engine runs it."""

from __future__ import annotations

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.compiled import raw_vm
from tests.programs.support import build, compiled
from tests.programs.warnings.programs import flow, ipv4, tuple_of, write

PROGRAM = [write("v", 50), flow(), ipv4(), tuple_of()]


def test_a_step_knows_what_was_written_and_the_vm_runs_it_there(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP", {"Raw": {"load": "x" * 60}})
    found = compiled(registry, PROGRAM, packet)
    assert sorted(step.index for step in found.steps) == [0, 1, 2, 3]
    made = [step.instruction.vm for step in found.steps]
    assert [type(item) for item in found.vm.instructions] == made


def test_a_cache_is_told_only_where_there_is_one(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP")
    assert "cache" not in compiled(registry, [flow()], packet).raw
    assert compiled(registry, [flow()], packet, cache=7).raw["cache"] == 7
    assert raw_vm((), 0) == {"instructions": []}
    assert raw_vm((), 3) == {"instructions": [], "cache": 3}
