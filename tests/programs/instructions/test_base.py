"""What every instruction class has."""

from __future__ import annotations

import pytest

from scapy_server.engine.vm import parse_instruction
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.instructions import BY_ID, Instruction
from scapy_server.programs.instructions.base import refuse
from tests.programs.support import build, context_of

ALL = pytest.mark.parametrize("cls", BY_ID.values(), ids=list(BY_ID))


@ALL
def test_the_example_can_be_read_and_becomes_its_vm_form(
    cls: type[Instruction], registry: Registry
) -> None:
    over_ipv6 = ("IPv6", "ICMPv6EchoRequest")
    packet = build(
        registry, "Ether", *(over_ipv6 if "Icmpv6" in cls.id else ("Dot1Q", "IP", "TCP"))
    )
    made = cls.read(cls.example, context_of(registry, packet))
    assert type(parse_instruction(made.to_vm(), 0)) is cls.vm
    assert made.sentence()


@ALL
def test_only_its_own_parameters_are_taken(cls: type[Instruction], registry: Registry) -> None:
    with pytest.raises(RefusedError, match=f"{cls.id} has no parameter 'nope'"):
        cls.read({"nope": 1}, context_of(registry, None))


@ALL
def test_what_is_needed_is_asked_for_by_name(cls: type[Instruction], registry: Registry) -> None:
    needed = [argument.parameter.id for argument in cls.arguments() if argument.required]
    if needed:
        with pytest.raises(RefusedError, match="a value is needed") as refusal:
            cls.read({}, context_of(registry, None))
        assert refusal.value.where == (f"parameter {needed[0]}",)


@ALL
def test_keys_of_the_vm_are_made_of_parameters_that_there_are(cls: type[Instruction]) -> None:
    names = {argument.parameter.id for argument in cls.arguments()}
    assert set(cls.vm_parameters.values()) <= names
    assert set(cls.example) <= names


def test_one_parameter_is_blamed() -> None:
    refusal = refuse("step", "it is odd")
    assert (refusal.where, refusal.problem) == (("parameter step",), "it is odd")
