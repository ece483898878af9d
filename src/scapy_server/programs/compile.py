"""A program becomes the VM that the traffic engine runs.

`compile_program` orders the instructions as the engine's client library does: flow
variables first, chains from head to tail at the head's place, then everything else as
written. What the engine could not run is refused (`engine_rules`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from scapy_server.engine.bounds import RANDOM_STATE, RANDOM_STATE_BYTES
from scapy_server.errors import located, shown
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs import engine_rules
from scapy_server.programs.compiled import Compiled, Step
from scapy_server.programs.instructions import (
    FlowVariable,
    RepeatableRandom,
)
from scapy_server.programs.instructions.base import refuse
from scapy_server.programs.program import Program, place
from scapy_server.wording import nearest


def compile_program(program: Program, packet: BuiltPacket | None) -> Compiled:
    """Put the program in order and hold it against the engine's rules.

    Without a packet only what needs none is checked. Raises RefusedError, located.
    """
    steps = [Step(index, item) for index, item in enumerate(program.instructions)]
    _check_names(steps)
    compiled = Compiled(tuple(_in_order(_without_none(steps))), program.cache)
    if compiled.steps:
        engine_rules.check(compiled, packet)
    return compiled


def _check_names(steps: list[Step]) -> None:
    sizes: dict[str, int] = {}
    for step in steps:
        with located(place(step.index, step.instruction.id)):
            for name, size in step.instruction.defines.items():
                if name in sizes:
                    raise refuse("name", f"the variable {shown(name)} is made twice")
                sizes[name] = size
    if any(step.is_random for step in steps):
        if RANDOM_STATE in sizes:
            index = next(s.index for s in steps if RANDOM_STATE in s.instruction.defines)
            with located(place(index, steps[index].instruction.id)):
                raise refuse("name", f"{RANDOM_STATE} is the engine's own beside random variables")
        sizes[RANDOM_STATE] = RANDOM_STATE_BYTES
    for step in steps:
        used = step.instruction.uses
        if used is not None and used not in sizes:
            with located(place(step.index, step.instruction.id)):
                raise refuse("fv_name", f"there is no variable {shown(used)}{_advice(used, sizes)}")


def _advice(name: str, sizes: Mapping[str, int]) -> str:
    parts = [known for known in sizes if known.rpartition(".")[0] == name]
    if parts:
        return f"; of a tuple write {' or '.join(parts[:2])}"
    return nearest(name, sizes)


Chained = FlowVariable | RepeatableRandom


def _without_none(steps: list[Step]) -> list[Step]:
    """The steps with `next_var` "None" taken as none, unless a variable is called so."""
    names = {name for step in steps for name in step.instruction.defines}
    return [
        Step(step.index, dataclasses.replace(step.instruction, next_var=None))
        if isinstance(step.instruction, Chained)
        and step.instruction.next_var in ("None", "none")
        and step.instruction.next_var not in names
        else step
        for step in steps
    ]


def _in_order(steps: list[Step]) -> list[Step]:
    variables = {
        step.instruction.name: step for step in steps if isinstance(step.instruction, Chained)
    }
    followers = _followers(variables)
    ordered: list[Step] = []
    for name, step in variables.items():
        if name in followers:
            continue
        ordered.append(step)
        while (follower := _next_var(ordered[-1])) is not None:
            ordered.append(_unsplit(variables[follower]))
    if len(ordered) < len(variables):
        reached = {step.index for step in ordered}
        first = next(step for step in variables.values() if step.index not in reached)
        with located(place(first.index, first.instruction.id)):
            raise refuse("next_var", f"{_next_var(first)} leads back to this variable in a circle")
    return ordered + [step for step in steps if not isinstance(step.instruction, Chained)]


def _unsplit(step: Step) -> Step:
    assert isinstance(step.instruction, Chained)
    return Step(step.index, dataclasses.replace(step.instruction, split_to_cores=False))


def _next_var(step: Step) -> str | None:
    assert isinstance(step.instruction, Chained)
    return step.instruction.next_var


def _followers(variables: Mapping[str, Step]) -> dict[str, str]:
    """Each variable that another one moves, with that other one."""
    movers: dict[str, str] = {}
    for name, step in variables.items():
        follower = _next_var(step)
        if follower is None:
            continue
        with located(place(step.index, step.instruction.id)):
            if follower not in variables:
                raise refuse(
                    "next_var",
                    f"there is no variable {shown(follower)} made by STLVmFlowVar or "
                    f"STLVmFlowVarRepeatableRandom{nearest(follower, variables)}",
                )
            if follower == name:
                raise refuse("next_var", "a variable cannot move itself")
            if follower in movers:
                raise refuse("next_var", f"{follower} is already moved by {movers[follower]}")
        movers[follower] = name
    return movers
