"""A program becomes the VM that the traffic engine runs.

`compile_program` orders the instructions as the engine's client library does: flow
variables first, chains from head to tail at the head's place, then everything else as
written. What the engine could not run is refused (`engine.rules`), by the instruction
and the parameter that were written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from scapy_server.engine import rules
from scapy_server.engine.bounds import RANDOM_STATE
from scapy_server.engine.vm import FlowVar, Vm, VmRefused, parse_vm
from scapy_server.errors import RefusedError, located, shown
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs.compiled import Compiled, Step, raw_vm
from scapy_server.programs.instructions import FlowVariable, RepeatableRandom
from scapy_server.programs.instructions.base import refuse
from scapy_server.programs.program import Program, place
from scapy_server.wording import nearest


def compile_program(program: Program, packet: BuiltPacket | None) -> Compiled:
    """Put the program in order and hold it against the engine's rules.

    Without a packet only what needs none is checked. Raises RefusedError, located.
    """
    written = [Step(index, item) for index, item in enumerate(program.instructions)]
    _check_names(written)
    steps = tuple(_in_order(_without_none(written)))
    with _as_written(steps):
        raw = raw_vm(steps, program.cache)
        vm = parse_vm(raw)
        rules.check_program(_as_forms_are_meant(vm), packet.frame if packet else None)
    if steps and packet is not None:
        rules.check_frame(packet.frame)
    return Compiled(steps, vm, raw)


@contextmanager
def _as_written(steps: Sequence[Step]) -> Iterator[None]:
    """Let refusals of the vm name the instruction and the parameter that were written."""
    try:
        yield
    except VmRefused as refused:
        if refused.position is None:
            raise
        step = steps[refused.position]
        where = [place(step.index, step.instruction.id)]
        if refused.key is not None:
            parameter = step.instruction.vm_parameters.get(refused.key, refused.key)
            where.append(f"parameter {parameter}")
        raise RefusedError(refused.problem, tuple(where)) from None


def _as_forms_are_meant(vm: Vm) -> Vm:
    """The vm with initial values of 0 for variables whose range is 0 to 0.

    Forms begin with that range, and the RPC document's own example leaves it so. The engine
    refuses any other initial value, of which there is a warning: the form is not complete.
    """
    return msgspec.structs.replace(
        vm,
        instructions=tuple(
            msgspec.structs.replace(item, init_value=0)
            if isinstance(item, FlowVar)
            and item.min_value == item.max_value == 0
            and (item.init_value or 0) < 1 << 8 * item.size
            else item
            for item in vm.instructions
        ),
    )


def _check_names(steps: list[Step]) -> None:
    """Refuse variables that are made twice, and with advice those that nobody makes."""
    known: list[str] = []
    for step in steps:
        with located(place(step.index, step.instruction.id)):
            for name in step.instruction.defines:
                if name in known:
                    raise refuse("name", f"the variable {shown(name)} is made twice")
                known.append(name)
    if any(isinstance(s.instruction, FlowVariable) and s.instruction.op == "random" for s in steps):
        known.append(RANDOM_STATE)
    for step in steps:
        used = step.instruction.uses
        if used is not None and used not in known:
            with located(place(step.index, step.instruction.id)):
                raise refuse("fv_name", f"there is no variable {shown(used)}{_advice(used, known)}")


def _advice(name: str, known: Sequence[str]) -> str:
    parts = [other for other in known if other.rpartition(".")[0] == name]
    if parts:
        return f"; of a tuple write {' or '.join(parts[:2])}"
    return nearest(name, known)


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
