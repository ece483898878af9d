"""What the checks look at."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings.scene import Scene, warning
from tests.programs.support import Given, build, compiled
from tests.programs.warnings.programs import LAYERS, flow, masked, write


def scene(registry: Registry, layers: str, *program: Given) -> Scene:
    packet = build(registry, *LAYERS[layers])
    return Scene(compiled(registry, list(program), packet), packet)


def test_writes_in_the_order_in_which_they_run(registry: Registry) -> None:
    of = scene(registry, "raw", write("w", 20), flow(), flow("w", 2), write("v", 21))
    assert [(effect.step.index, effect.size) for effect in of.writes] == [(0, 2), (3, 1)]
    first, last = of.writes
    assert first.bits & last.bits
    assert of.last_write(first.bits) is last
    assert of.last_write(first.bits & ~last.bits) is first
    assert of.last_write(~(first.bits | last.bits)) is None


def test_a_short_packet_is_as_wide_as_it_is_sent(registry: Registry) -> None:
    assert scene(registry, "icmp").width == 60
    raw = scene(registry, "raw")
    assert raw.width == len(raw.packet.frame) == 74


@pytest.mark.parametrize(
    ("program", "changed"),
    [
        (write("v", 20), range(160, 168)),
        (masked("v", 20, mask=0xF0), range(160, 164)),
        (masked("v", 20, mask=0x81), (160, 167)),
        (masked("v", 20, mask=0), ()),
    ],
)
def test_bits_of_one_write(registry: Registry, program: Given, changed: Iterable[int]) -> None:
    of = scene(registry, "icmp", flow(), program)
    (effect,) = of.writes
    assert effect.bits == sum(1 << 8 * of.width - 1 - place for place in changed)


def test_a_warning_names_the_instruction_that_was_written(registry: Registry) -> None:
    of = scene(registry, "udp", write("v", 50), flow())
    (effect,) = of.writes
    found = warning(effect.step, "code", "message")
    assert (found.instruction, found.code, found.message) == (0, "code", "message")
