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
    types = [step.instruction.vm_type for step in found.steps]
    assert [item["type"] for item in found.to_vm()["instructions"]] == types
    assert len(found.vm.instructions) == len(found.steps)


def test_variables_by_the_names_that_writes_use(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP", "UDP", {"Raw": {"load": "x" * 60}})
    found = compiled(registry, PROGRAM, packet)
    assert {name: step.index for name, step in found.variables.items()} == {
        "v": 1,
        "t.ip": 3,
        "t.port": 3,
        "t.flow_limit": 3,
    }


def test_a_cache_is_told_only_where_there_is_one(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP")
    assert "cache" not in compiled(registry, [flow()], packet).to_vm()
    assert compiled(registry, [flow()], packet, cache=7).to_vm()["cache"] == 7
    assert raw_vm((), 0) == {"instructions": []}
    assert raw_vm((), 3) == {"instructions": [], "cache": 3}
