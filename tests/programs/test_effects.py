"""Which bits writes change."""

from __future__ import annotations

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.effects import effects
from tests.programs.support import Given, build, compiled
from tests.programs.warnings.programs import flow, masked, write


def bits(registry: Registry, *program: Given) -> list[list[int]]:
    """The bits that each write changes, the first of the packet being 0."""
    packet = build(registry, "Ether", "IP")
    found = effects(compiled(registry, list(program), packet), packet)
    return [[place for place in range(480) if effect.bits >> (479 - place) & 1] for effect in found]


@pytest.mark.parametrize(
    ("program", "changed"),
    [
        (write("v", 20), range(160, 168)),
        (masked("v", 20, mask=0xF0), range(160, 164)),
        (masked("v", 20, mask=0x81), (160, 167)),
        (masked("v", 20, mask=0), ()),
    ],
)
def test_bits_of_one_write(registry: Registry, program: Given, changed: object) -> None:
    assert bits(registry, flow(), program) == [list(changed)]  # type: ignore[call-overload]


def test_writes_come_as_they_are_run(registry: Registry) -> None:
    packet = build(registry, "Ether", "IP")
    program = [write("w", 30), flow(), flow("w", 4), write("v", 58)]
    found = list(effects(compiled(registry, program, packet), packet))
    assert [(effect.step.index, effect.size) for effect in found] == [(0, 4), (3, 1)]
    assert [effect.write.bytes for effect in found] == [range(30, 34), range(58, 59)]
    assert found[0].position < found[1].position
