"""What slots write into a frame and show of it, against Python's own arithmetic and addresses."""

from __future__ import annotations

import base64
import ipaddress
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot, Slot, bits_beside

SIZE = 12


@given(data=st.data())
def test_a_number_takes_its_own_bits(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, SIZE - 4))
    stop = data.draw(st.integers(start + 1, start + 4))
    bits = data.draw(st.integers(1, 8 * (stop - start)))
    shift = data.draw(st.integers(0, 8 * (stop - start) - bits))
    number = data.draw(st.integers(0, (1 << bits) - 1))
    before = data.draw(st.binary(min_size=SIZE, max_size=SIZE))
    slot = NumberSlot(start, stop, shift, bits, NumberForm(0, (1 << bits) - 1))
    frame = bytearray(before)
    assert slot.write(frame, number) == slot.show(frame) == (b"%d" % number, b'"%d"' % number)
    outside = bits_beside(SIZE, [slot])
    assert outside.bit_count() == 8 * SIZE - bits
    old, new = int.from_bytes(before, "big"), int.from_bytes(frame, "big")
    assert old & outside == new & outside


def test_numbers_that_are_avoided_are_for_other_plans() -> None:
    slot = NumberSlot(0, 1, 0, 8, NumberForm(0, 255), frozenset({255, 7}))
    with pytest.raises(ValueError):
        slot.write(bytearray(1), 7)
    with pytest.raises(ValueError):
        slot.show(b"\x07")
    assert slot.another() == 254


@given(st.ip_addresses())
def test_addresses_are_those_of_python(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    frame = bytearray(len(address.packed) + 2)
    slot = AddressSlot(1, len(frame) - 1)
    value, hvalue = slot.write(frame, str(address))
    assert frame == b"\0" + address.packed + b"\0"
    assert value == hvalue == slot.show(frame)[0]
    assert ipaddress.ip_address(json.loads(value)) == address


def test_a_hardware_address() -> None:
    frame = bytearray(6)
    assert AddressSlot(0, 6).write(frame, "00:1b:21:aA:00:ff")[0] == b'"00:1b:21:aa:00:ff"'
    assert frame.hex() == "001b21aa00ff"


@pytest.mark.parametrize("raw", ["abc", {"base64": base64.b64encode(b"abc").decode()}])
def test_bytes_are_as_long_as_their_slot_or_padded(raw: object) -> None:
    frame = bytearray(b"....")
    shown = {"vtype": "BYTES", "base64": base64.b64encode(b"abc").decode()}
    assert [json.loads(text) for text in BytesSlot(1, 4).write(frame, raw)] == [shown, "abc"]
    assert frame == b".abc"
    with pytest.raises(ValueError):
        BytesSlot(0, 4).write(frame, raw)
    BytesSlot(0, 4, padded=True).write(frame, raw)
    assert frame == b"abc\0"


def test_bits_beside_several_slots() -> None:
    slots: list[Slot] = [AddressSlot(0, 4), NumberSlot(4, 5, 4, 4, NumberForm(0, 15))]
    assert bits_beside(6, slots) == 0x0FFF
