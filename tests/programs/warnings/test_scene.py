"""What the checks look at."""

from __future__ import annotations

from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.warnings.scene import Scene, warning
from tests.programs.support import Given, build, compiled
from tests.programs.warnings.programs import LAYERS, LENGTHS, flow, trim, write


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


def test_trims_and_what_they_read(registry: Registry) -> None:
    of = scene(registry, "udp", flow(**LENGTHS), trim("v"), flow("w"), write("w", 50))
    ((position, step),) = of.trims()
    assert of.compiled.steps[position] is step
    assert step.index == 1
    assert of.trim_variable(step).span == (64, 64, 100)


def test_a_warning_names_the_instruction_that_was_written(registry: Registry) -> None:
    of = scene(registry, "udp", write("v", 50), flow())
    (effect,) = of.writes
    found = warning(effect.step, "code", "message")
    assert (found.instruction, found.code, found.message) == (0, "code", "message")
