"""What variables read as in a block, against one packet after the other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine.variables.blocks import Block
from scapy_server.engine.variables.variable_set import DataPlaneCore, VariableSet, value_lists
from scapy_server.engine.vm import parse_vm
from tests.engine.oracle import Core
from tests.engine.programs import chains, tuples
from tests.engine.test_rules import flow_var, rand_limit

LENGTH, SEED = 60, 12345


def variables(instructions: list[Any]) -> VariableSet:
    program = parse_vm({"instructions": instructions})
    return VariableSet(program, LENGTH, DataPlaneCore(0, 1, SEED, 0), value_lists(program))


def read(instructions: list[Any], name: str, position: int, packets: int) -> list[int]:
    """What an instruction at that place would read, packet by packet."""
    core = Core(bytes(LENGTH), {"instructions": instructions}, random_seed=SEED)
    width = core.readable[name].size
    probe = {"type": "write_flow_var", "name": name, "pkt_offset": 20, "add_value": 0}
    core.instructions = [
        *instructions[:position],
        probe | {"is_big_endian": True},
        *instructions[position:],
    ]
    return [int.from_bytes(core.packet()[20 : 20 + width], "big") for _ in range(packets)]


@given(st.data())
def test_before_and_after_they_are_run(data: st.DataObject) -> None:
    instructions = [*data.draw(chains("a")), *data.draw(chains("b")), data.draw(tuples("t", 1))]
    made = variables(instructions)
    name = data.draw(st.sampled_from(sorted(made.by_name)))
    position = data.draw(st.integers(0, len(instructions)))
    start, count = data.draw(st.integers(0, 30)), data.draw(st.integers(1, 20))
    expected = read(instructions, name, position, start + count)[start:]
    found = Block(made, start, count).values(name, position)
    assert [int(value) for value in found] == expected


@pytest.mark.parametrize("position", [0, 1, 2])
def test_the_state_of_the_generator(position: int) -> None:
    random = [flow_var(name=name, size=4, op="random", min_value=0, max_value=9) for name in "ab"]
    core = Core(bytes(LENGTH), {"instructions": random}, random_seed=SEED)
    core.instructions = [
        *random[:position],
        {"type": "write_flow_var", "name": "___random___", "pkt_offset": 20, "add_value": 0,
         "is_big_endian": True},
        *random[position:],
    ]  # fmt: skip
    expected = [int.from_bytes(core.packet()[20:24], "big") for _ in range(9)]
    found = Block(variables(random), 0, 9).values("___random___", position)
    assert [int(value) for value in found] == expected


def test_far_into_a_stream() -> None:
    made = variables([flow_var(init_value=1, min_value=1, max_value=9), rand_limit(name="r")])
    start = 1 << 60
    assert Block(made, start, 3).values("v", 1).tolist() == [
        1 + (start + number) % 9 for number in (0, 1, 2)
    ]
    late = Block(made, start, 5).values("r", 2).tolist()
    assert late == Block(made, start % 5, 5).values("r", 2).tolist()
