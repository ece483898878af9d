"""A plan for a layer, made by hand: the arithmetic of pieces and bounds."""

from __future__ import annotations

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.layers.layer_plan import FIRST_SLOT, OFFSET, TAIL, Cost, LayerPlan
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot

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


def test_addresses_and_names_are_shown_too_and_a_percent_is_nothing_else() -> None:
    form = NumberForm(0, 255, shown={7: "seven"})
    numbers = (
        NumberSlot(0, 1, 0, 8, form),
        NumberSlot(1, 2, 4, 4, form),
        NumberSlot(1, 2, 0, 4, form),
    )
    addresses = AddressSlot(2, 6), AddressSlot(6, 12)
    slots = (*numbers, *addresses, BytesSlot(12, 14))
    holes = tuple(range(FIRST_SLOT, FIRST_SLOT + 2 * len(slots)))
    pieces = (b"100% ", *[b" "] * 11, b".")
    plan = LayerPlan(14, 0, 0, slots, False, None, pieces, holes, Cost())
    data = b"\x07\x72" + bytes(range(1, 11)) + b"ab"
    assert plan.show(data, 0, 14) == (
        b'100% 7 "seven" 7 "seven" 2 "2" "1.2.3.4" "1.2.3.4" "05:06:07:08:09:0a" '
        b'"05:06:07:08:09:0a" {"vtype":"BYTES","base64":"YWI="} "ab".'
    )


def test_the_share_of_a_cost_is_that_of_the_bound_that_is_nearest() -> None:
    bounds = Cost(10, 10, 100, 10, 10, 10)
    assert Cost(fields=5, taken=9, parts=1).share(bounds) == 0.5
    assert Cost(taken=101).share(bounds) > 1
