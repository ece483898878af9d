"""Variables whose values are not those that were meant, or that nobody sees."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scapy_server.engine.variable_rules import bytes_of
from scapy_server.engine.vm import FlowVar, RandLimit, TupleVar
from scapy_server.programs.compiled import Step
from scapy_server.programs.instructions import TupleGenerator
from scapy_server.programs.warnings.scene import ProgramWarning, Scene, warning


def check_flow_variables(scene: Scene) -> Iterator[ProgramWarning]:
    """Ranges and lists that the step does not go through as written."""
    for step, item in scene.items:
        if isinstance(item, FlowVar):
            if item.value_list is None:
                yield from _check_range(step, item)
            else:
                yield from _check_list(step, item, item.value_list)


def _check_range(step: Step, variable: FlowVar) -> Iterator[ProgramWarning]:
    low, initial, high = variable.span
    if low == high == 0:
        outside = (
            ""
            if initial == 0
            else (f"; the engine will refuse the initial value, {initial}, outside of it")
        )
        yield warning(
            step,
            "untouched_range",
            f"minimum and maximum of {variable.name} are both 0: set the range{outside}",
        )
        return
    if variable.op == "random":
        return
    first, last = variable.padded_range
    if (first, last) != (low, high):
        yield warning(
            step,
            "step_does_not_divide",
            f"steps of {variable.step} do not divide the {high - low + 1} values from {low} to "
            f"{high}; the engine extends the range to {first}…{last}",
        )
    if last >= 1 << 8 * variable.size:
        yield warning(
            step,
            "range_overflow",
            f"{last} does not fit {bytes_of(variable.size)}, so the engine's sequence is "
            "irregular; choose a range that the step divides",
        )
    if variable.step >= last - first + 1 > 1 and low != high:
        yield warning(
            step,
            "constant_variable",
            f"a step of {variable.step} is the whole range: {variable.name} stays at {initial}",
        )


def _check_list(step: Step, variable: FlowVar, values: tuple[int, ...]) -> Iterator[ProgramWarning]:
    reached = len(values) // math.gcd(len(values), variable.step)
    if variable.op != "random" and reached < len(values):
        yield warning(
            step,
            "list_entries_skipped",
            f"steps of {variable.step} reach only {reached} of the {len(values)} entries",
        )


def check_random(scene: Scene) -> Iterator[ProgramWarning]:
    """Values that the random numbers of the engine never reach."""
    for step, item in scene.items:
        if isinstance(item, RandLimit):
            count, size = item.max_value - item.min_value + 1, item.size
        elif isinstance(item, FlowVar) and item.is_random:
            listed = item.value_list
            count = len(listed) if listed else item.span[2] - item.span[0] + 1
            size = 1 if listed else item.size
        else:
            continue
        reached = 1 << {1: 15, 2: 15, 4: 31, 8: 63}[size]
        if count > reached:
            yield warning(
                step,
                "random_gaps",
                f"of the {count} values of {item.name} only the first {reached} can come up",
            )


def check_unlimited_tuples(scene: Scene) -> Iterator[ProgramWarning]:
    """The one range of addresses with which an unlimited tuple goes wrong."""
    for step, item in scene.items:
        if isinstance(item, TupleVar) and item.unlimited and item.ip_max == (1 << 32) - 1:
            yield warning(
                step,
                "tuple_overflow",
                "an unlimited tuple that ends at 255.255.255.255 goes through all addresses "
                "from 0.0.0.0 and never moves the port",
            )


def check_unused(scene: Scene) -> Iterator[ProgramWarning]:
    """Variables that neither go into the packet nor move others."""
    used = {step.instruction.uses for step in scene.compiled.steps}
    for step in scene.compiled.steps:
        made = step.instruction.defines
        moves = getattr(step.instruction, "next_var", None)
        if made and not used.intersection(made) and moves is None:
            names = " and ".join(list(made)[:2])
            yield warning(step, "unused_variable", f"nothing writes {names} into the packet")


def check_tuple_order(scene: Scene) -> Iterator[ProgramWarning]:
    """Writes that come before the tuple that they write."""
    steps = scene.compiled.steps
    made = {
        name: position
        for position, step in enumerate(steps)
        if isinstance(step.instruction, TupleGenerator)
        for name in step.instruction.defines
    }
    for position, step in enumerate(steps):
        if made.get(step.instruction.uses or "", -1) > position:
            yield warning(
                step,
                "write_before_tuple",
                f"{step.instruction.uses} is written before its tuple moves on, so each packet "
                "gets the pair of the packet before; place the STLVmTupleGen first",
            )
