"""Packets that stand for layers, and what is not told of these."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from scapy.fields import FlagValue
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Packet, Raw

from scapy_server.packet.layers.number_form import NumberForm
from scapy_server.packet.plans.layers import stand_in as stand_ins
from scapy_server.packet.plans.layers.stand_in import StandIn, Untold, Values
from scapy_server.packet.plans.slots import AddressSlot, BytesSlot, NumberSlot, Slot

pytestmark = pytest.mark.usefixtures("registry")
SHORT = NumberForm(0, 65535)


def number(start: int, stop: int, shift: int = 0, bits: int | None = None) -> NumberSlot:
    return NumberSlot(start, stop, shift, bits or 8 * (stop - start), SHORT)


def test_values_are_those_of_the_header_and_of_its_structure() -> None:
    flags = FlagValue(1, ["A", "B"])
    said: dict[str, Slot] = {"a": number(0, 2), "f": number(2, 3, 4, 2), "ip": AddressSlot(3, 7)}
    values = Values({"a": 0, "f": flags, "ip": "", "c": 9}, said, 7)
    values.bits = int.from_bytes(b"\x01\x02\x3f\x0a\x00\x00\x01", "big")
    assert (values["a"], values["f"], values["ip"], values["c"]) == (258, 3, "10.0.0.1", 9)
    assert isinstance(values["f"], FlagValue) and values["f"].A
    assert values.get("d", 5) == 5 and "a" in values


def test_what_is_not_told_stops_who_asks() -> None:
    values = Values({"b": b"x"}, {"b": BytesSlot(0, 1)}, 1)
    asking: tuple[Callable[[], object], ...] = (
        lambda: values["b"],
        lambda: values.get("b"),
        lambda: list(values.items()),
        lambda: stand_ins.UNKNOWN.payload,
        lambda: isinstance(stand_ins.UNKNOWN, Packet),
        lambda: bool(stand_ins.UNKNOWN),
        lambda: len(stand_ins.UNKNOWN),
    )
    for ask in asking:
        with pytest.raises(Untold):
            ask()


def test_of_what_is_below_the_class_is_told() -> None:
    lower: Any = stand_ins.Below(UDP)
    assert isinstance(lower, UDP) and not isinstance(lower, TCP)
    before = Untold.count
    for ask in (lambda: lower.sport, lambda: lower.underlayer, lambda: setattr(lower, "len", 8)):
        with pytest.raises(Untold):
            ask()
    assert Untold.count == before + 3


def test_of_what_is_below_fields_are_told_by_who_knows_them() -> None:
    told = partial(stand_ins.field_of, UDP(sport=9))
    lower: Any = stand_ins.Below(UDP, told, stand_ins.Below(IP, {"src": "10.0.0.1"}.__getitem__))
    assert (lower.sport, lower.dport, lower.underlayer.src) == (9, 53, "10.0.0.1")
    assert isinstance(lower.underlayer, IP)
    for name in ("payload", "haslayer", "original"):
        with pytest.raises(Untold):
            getattr(lower, name)


def stand_in(cls: type[Packet], header: bytes, said: dict[str, NumberSlot]) -> StandIn:
    packet = cls(header)
    return StandIn(packet, Values(packet.fields, said, len(header)), said)


def test_a_payload_ends_where_the_header_says() -> None:
    header = bytes(UDP(len=11))
    asked = stand_in(UDP, header, {"len": number(4, 6)})
    for length, size in ((11, 3), (12, 4), (40, 5), (8, 0)):
        bits = int.from_bytes(header[:4] + length.to_bytes(2, "big") + header[6:8], "big")
        asked.stand_for(bits)
        assert asked.payload_size(b"abcde") == size


def test_a_payload_is_of_the_class_that_the_header_selects() -> None:
    header = bytes(Ether(type=0x0800))
    asked = stand_in(Ether, header, {"type": number(12, 14)})
    for ether_type, payload, cls in (
        (0x0800, b"\x45" + bytes(19), IP),
        (0x8100, bytes(4), Dot1Q),
        (0x4242, bytes(4), Raw),
        (0x8100, bytes(4), Dot1Q),
    ):
        bits = int.from_bytes(header[:12] + ether_type.to_bytes(2, "big"), "big")
        asked.stand_for(bits)
        assert asked.payload_class(payload) is cls


def test_what_a_port_says_is_checked_without_making_the_layer() -> None:
    header = bytes(UDP(sport=443, dport=9, len=8 + 45))
    asked = stand_in(UDP, header, {"sport": number(0, 2), "dport": number(2, 4)})
    asked.stand_for(int.from_bytes(header, "big"))
    long_header = b"\xc3\0\0\0\1" + bytes(40)
    assert asked.payload_class(b"\x40" + bytes(40)) is Raw
    assert asked.payload_class(long_header).__name__ == "QUIC_Initial"
    assert asked.payload_class(long_header) is type(UDP(header + long_header).payload)


def test_a_header_tells_its_fields_whatever_it_stands_for_now() -> None:
    first, then = (bytes(TCP(sport=port, dport=7, flags="SA")) for port in (9, 10))
    asked = stand_in(TCP, first, {"sport": number(0, 2), "flags": number(13, 14)})
    asked.stand_for(int.from_bytes(then, "big"))
    bits = int.from_bytes(first, "big")
    assert (asked.field_of(bits, "sport"), asked.field_of(bits, "dport")) == (9, 7)
    assert asked.field_of(bits, "flags").S
    assert asked.field_of(int.from_bytes(then, "big"), "sport") == 10
    with pytest.raises(Untold):
        asked.field_of(bits, "payload")


def test_a_port_that_selects_nothing_is_as_good_as_any_other() -> None:
    header = bytes(TCP())
    asked = stand_in(TCP, header, {"sport": number(0, 2), "dport": number(2, 4)})
    for port in (1025, 40000):
        bits = int.from_bytes(port.to_bytes(2, "big") * 2 + header[4:], "big")
        asked.stand_for(bits)
        assert asked.payload_class(b"x") is Raw
    assert len(asked._choices) == 1
