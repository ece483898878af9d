"""How the value of a parameter is read."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs import parameters as p
from scapy_server.programs.parameters import REQUIRED, Argument, Context, Parameter
from tests.programs.support import build, context_of

PARAMETERS = {each.id: each for each in vars(p).values() if isinstance(each, Parameter)}
LONGEST = "x" * limits.FIELD_ENGINE_NAME_CHARACTERS


@pytest.fixture
def context(registry: Registry) -> Context:
    return context_of(registry, build(registry, "Ether", "IP", "UDP"))


@pytest.mark.parametrize(
    ("parameter", "value", "read"),
    [
        (p.NAME, "v", "v"),
        (p.NAME, 7, "7"),
        (p.NAME, LONGEST, LONGEST),
        (p.STEP, 1, 1),
        (p.STEP, "10.0.0.1", 0x0A000001),
        (p.IP_MAX, "255.255.255.255", 0xFFFFFFFF),
        (p.SHIFT, -31, -31),
        (p.SPLIT_TO_CORES, "false", False),
        (p.VALUE_LIST, [1, "0.0.0.2"], (1, 2)),
        (p.OP, "dec", "dec"),
        (p.SIZE, "8", 8),
        (p.L4_TYPE, 17, 17),
    ],
)  # fmt: skip
def test_values_of_each_kind(context: Context, parameter: Parameter, value: Any, read: Any) -> None:
    found = parameter.read(value, context)
    assert (tuple(found) if isinstance(read, tuple) else found) == read


@pytest.mark.parametrize(
    ("parameter", "value", "said"),
    [
        (p.NAME, "", "a variable needs a name"),
        (p.NAME, [1], "a variable's name is text, not an array"),
        (p.NAME, LONGEST + "x", "characters"),
        (p.STEP, 0, "0 is not a whole number, an IPv4 or a MAC address from 1"),
        (p.SHIFT, 32, "32 is not a whole number from -31 to 31"),
        (p.SPLIT_TO_CORES, "perhaps", "perhaps"),
        (p.OP, "dup", "'dup' is not one of dec, inc or random"),
        (p.OP, ["inc"], "is not one of dec, inc or random"),
        (p.SIZE, 3, "3 is not one of 1, 2, 4 or 8"),
        (p.PKT_CAST_SIZE, 8, "8 is not one of 1, 2 or 4"),
    ],
)
def test_what_is_none_says_what_would_be_right(
    context: Context, parameter: Parameter, value: Any, said: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        parameter.read(value, context)
    assert said in refusal.value.problem


def test_places_are_fields_layers_and_bytes(context: Context) -> None:
    assert p.PKT_OFFSET.read("IP.ttl", context).byte == 22
    assert p.PKT_OFFSET.read(30, context).byte == 30
    assert p.OFFSET.read("IP", context).byte == 14


def test_an_argument_has_a_default_or_is_needed(context: Context) -> None:
    assert Argument(p.STEP, "", 5).read(None, context) == 5
    assert Argument(p.SEED, "", None).read("None", context) is None
    assert Argument(p.NEXT_VAR, "", None).read("", context) is None
    assert Argument(p.NEXT_VAR, "", None).read("None", context) == "None"
    needed = Argument(p.STEP, "", REQUIRED)
    assert needed.required
    with pytest.raises(RefusedError, match="a value is needed: a whole number"):
        needed.read(None, context)


@pytest.mark.parametrize("parameter", PARAMETERS.values(), ids=list(PARAMETERS))
def test_what_clients_show_first_is_a_value(context: Context, parameter: Parameter) -> None:
    if parameter.choices and parameter.shown is not None:
        assert str(parameter.shown) in parameter.choices
    if parameter.bounds is not None and isinstance(parameter.shown, int):
        assert parameter.shown in parameter.bounds
