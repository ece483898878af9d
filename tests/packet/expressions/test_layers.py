from __future__ import annotations

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.packet.expressions.arithmetic import Budget
from scapy_server.packet.expressions.layers import new_layer, stacked, stacks
from scapy_server.packet.layers.registry import Registry


def test_a_layer_is_of_the_class_that_was_named(registry: Registry) -> None:
    for layer in registry:
        if layer.cls.fields_desc:
            try:
                made = new_layer(layer, [], Budget())
            except RefusedError:
                continue  # made of bytes only
            assert type(made) is layer.cls


def test_what_is_made_is_counted(registry: Registry) -> None:
    budget = Budget()
    new_layer(registry.layer("UDP"), [], budget)
    assert budget.made == (0, 1, 0)
    new_layer(
        registry.layer("IP"), [bytes.fromhex("4500001400000000401100000102030405060708")], budget
    )
    assert budget.made == (0, 2, 0)
    new_layer(registry.layer("NBNSQueryResponse"), [], budget)
    assert budget.made == (0, 4, 0)  # with the address of its defaults


def test_stacking_copies_nothing(registry: Registry) -> None:
    lower = new_layer(registry.layer("IP"), [], Budget())
    upper = new_layer(registry.layer("UDP"), [], Budget())
    assert stacks(lower, b"")
    assert not stacks(1, 2)
    assert stacked(lower, upper, registry) is lower
    assert lower.payload is upper
    assert stacked(lower, "text", registry).build().endswith(b"text")


def test_the_height_of_a_stack_is_bounded_on_both_sides(registry: Registry) -> None:
    stack = new_layer(registry.layer("Raw"), [], Budget())
    for _ in range(limits.LAYERS - 1):
        stacked(stack, b"a", registry)
    with pytest.raises(RefusedError, match="at most 128 layers"):
        stacked(stack, b"a", registry)
