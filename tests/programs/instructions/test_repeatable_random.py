from __future__ import annotations

from typing import Any

import pytest

from scapy_server.packet.layers.registry import Registry
from tests.programs.support import Case, Given, build, check_case, compiled, refusal

ID = "STLVmFlowVarRepeatableRandom"


def case(given: dict[str, Any], **vm: Any) -> Case:
    numbers = {"size": 4, "limit": 100, "seed": 7, "min_value": 0, "max_value": 2**32 - 1}
    numbers |= {key: value for key, value in vm.items() if key in numbers}
    split = vm.get("split_to_cores", True)
    entry: dict[str, Any] = {"type": "flow_var_rand_limit", "name": "r"} | numbers
    entry |= {"split_to_cores": split, "next_var": None}
    back = {"name": "r"} | numbers | {"split_to_cores": split}
    return Case(ID, {"name": "r"} | given, entry, back)


CASES = [
    case({"seed": "7"}),
    case({"seed": 7, "max_value": None, "size": 8}, size=8, max_value=2**64 - 1),
    case({"seed": 7, "limit": "0x10", "size": "1"}, limit=16, size=1, max_value=255),
    case(
        {"seed": 0, "min_value": "16.0.0.1", "max_value": "16.0.0.9"},
        seed=0, min_value=0x10000001, max_value=0x10000009,
    ),
    case({"seed": 7, "split_to_cores": False}, split_to_cores=False),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.given))
def test_compiles_and_comes_back(registry: Registry, case: Case) -> None:
    check_case(registry, case, build(registry, "Ether", "IP", "TCP"))


@pytest.mark.parametrize("seed", [None, "None", {"vtype": "UNDEFINED"}])
def test_a_seed_that_is_not_given_comes_from_the_name(registry: Registry, seed: object) -> None:
    program: list[Given] = [(ID, {"name": "x", "seed": seed}), (ID, {"name": "y"})]
    first = compiled(registry, program, None).raw
    assert first == compiled(registry, program, None).raw
    seeds = [item["seed"] for item in first["instructions"]]
    assert seeds[0] != seeds[1]
    assert all(1 <= number <= 32_000 for number in seeds)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"limit": 0}, "parameter limit: 0 is not a whole number"),
        ({"size": 1, "limit": 256}, "limit: 256 is more than the 255 values that the engine"),
        ({"seed": "x"}, "parameter seed: 'x' is not a whole number"),
        ({"seed": -4}, "parameter seed: -4 is not a whole number"),
        ({"max_value": "02:00:00:00:00:07"}, "max_value: 2199023255559 does not fit 4 bytes"),
        ({"op": "inc"}, "has no parameter 'op'"),
    ],
)
def test_refusals(registry: Registry, given: dict[str, Any], sentence: str) -> None:
    text = refusal(registry, [(ID, {"name": "r"} | given)], None)
    assert sentence in (text or "")
