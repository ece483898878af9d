"""Bit fields of little-endian machines: which bits they have, and what writing them changes."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from scapy.contrib.ethercat import EtherCat
from scapy.fields import BitField
from scapy.layers.bluetooth import HCI_ACL_Hdr
from scapy.layers.dot11 import Dot11EltHTCapabilities
from scapy.layers.inet import IP
from scapy.layers.ssh import Mpint
from scapy.packet import Packet

from scapy_server.packet.frames.bit_groups import has_bits
from scapy_server.packet.frames.place import Place
from scapy_server.packet.frames.tracer import trace_layer


def places_of(cls: type[Packet], data: bytes) -> dict[str, Place]:
    traced = trace_layer(cls, data, 0, None)[0]
    names = [field.name for field in cls.fields_desc]
    return dict(zip(names, traced.places, strict=True))


def test_a_number_within_one_byte_has_a_place() -> None:
    # ETG.1000.4, section 5.3.2: length 11 bits, reserved 1, type 4, the low byte first.
    places = places_of(EtherCat, bytes.fromhex("0110") + bytes(2))
    assert (places["type"].bit_offset, places["type"].bit_length) == (8, 4)
    assert (places["_reserved"].bit_offset, places["_reserved"].bit_length) == (12, 1)


def test_a_number_in_two_pieces_has_none_but_can_be_written() -> None:
    # Bluetooth Core, volume 4, part E, section 5.4.2: handle 12 bits, PB 2, BC 2.
    data = bytearray.fromhex("0120 0400 0000 0000")
    place = places_of(HCI_ACL_Hdr, bytes(data))["connection_handle"]
    assert not place.known
    assert place.number(data) == 1
    place.put(data, 0xABC)
    assert data.hex() == "bc2a040000000000"


def test_the_groups_of_a_longer_layer_are_told_apart() -> None:
    # IEEE 802.11, section 9.4.2.55: LDPC coding capability is bit 0 of the first byte.
    places = places_of(Dot11EltHTCapabilities, bytes.fromhex("2d1a") + bytes(26))
    assert places["LDPC_Coding_Capability"].bit_offset == 23
    assert places["L_SIG_TXOP_Protection"].bit_offset == 24
    assert places["Max_A_MPDU_Length_Exponent"].bit_offset == 38


def test_most_layers_have_none() -> None:
    assert not has_bits(IP)
    assert has_bits(EtherCat)


class _Odd(Packet):
    fields_desc: ClassVar[Any] = [BitField("low", 0, 4, tot_size=-2), BitField("high", 0, 4)]


def test_a_group_that_does_not_end_is_left_as_it_is() -> None:
    assert places_of(_Odd, b"\x12\x34")["low"].scattered == ()


def test_a_number_whose_size_is_read_before_it_is_left_as_it_is() -> None:
    # RFC 4251, section 5: an mpint of no bytes is 0.
    for data, length in ((bytes(4), 0), (bytes.fromhex("0000000180"), 8)):
        place = places_of(Mpint, data)["value"]
        assert (place.bit_offset, place.bit_length) == (32, length)


@pytest.mark.parametrize("number", [0, 1, 0x5A5, 0x7FF])
def test_what_is_written_is_read(number: int) -> None:
    data = bytearray(4)
    places_of(EtherCat, bytes(data))["length"].put(data, number)
    assert trace_layer(EtherCat, bytes(data), 0, None)[0].packet.length == number
