"""A plan for a layer, made by hand: the arithmetic of pieces and bounds."""

from __future__ import annotations

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.layer_plan import FIRST_SLOT, OFFSET, TAIL, Cost, LayerPlan
from scapy_server.packet.plans.slots import NumberSlot

PLAN = LayerPlan(
    size=2,
    mask=0xFF00,
    structure=0x0700,
    slots=(NumberSlot(1, 2, 0, 8, NumberForm(0, 255, hexadecimal=True)),),
    tail=True,
    goes_on=None,
    pieces=(b"at ", b": ", b" (", b"), ", b" ", b" ", b" bytes, ", b" bits"),
    holes=(OFFSET, FIRST_SLOT, FIRST_SLOT + 1, *TAIL),
    cost=Cost(),
)


def test_a_layer_is_shown_with_its_numbers_and_the_bytes_behind_them() -> None:
    shown = PLAN.show(b"..\x07\x10abc--", 2, 7)
    assert shown == (b'at 2: 16 ("0x10"), {"vtype":"BYTES","base64":"YWJj"} "abc" 3 bytes, 24 bits')


def test_costs_are_within_bounds_if_each_is() -> None:
    cost = Cost(fields=5, taken=9, parts=1)
    assert cost.is_within(Cost(5, 0, 9, 1, 0, 0))
    assert not cost.is_within(Cost(4, 0, 9, 1, 0, 0))
