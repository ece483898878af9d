"""What layers and fields build, of packets that were read and of those that cannot be built."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scapy.fields import FixedPointField, ShortField
from scapy.layers.dns import DNSQR
from scapy.layers.inet import IP, TCP
from scapy.packet import Packet

from scapy_server.packet.expressions.builds import built, dissection, encoded, human, surely_differs
from scapy_server.packet.frames.tracer import trace_chain
from scapy_server.packet.layers.scapy_state import keep_bytes

pytestmark = pytest.mark.usefixtures("registry")


class _DrawsWhatIsEmpty(Packet):
    def build(self) -> bytes:
        self.fields["load"] = b"drawn"
        return b"drawn"


def _read(cls: type[Packet], data: bytes) -> Packet:
    return trace_chain(cls, data)[0].packet


def test_a_layer_builds_what_it_was_read_from_and_its_payload() -> None:
    data = bytes(IP(dst="1.2.3.4", src="1.2.3.5") / TCP(chksum=9))
    assert built(_read(IP, data)) == data


def test_nothing_is_drawn_for_bytes_that_are_kept() -> None:
    packet = _read(_DrawsWhatIsEmpty, b"ab")
    assert built(packet) == b"ab"
    assert "load" not in packet.fields


def test_what_cannot_be_built_builds_nothing() -> None:
    assert built(TCP(options=[("MSS", object())])) is None
    assert encoded(TCP(), ShortField("a", 0), "text") is None


def test_a_field_builds_its_value() -> None:
    assert encoded(TCP(), ShortField("a", 0), 258) == b"\x01\x02"


def test_people_write_a_fraction_where_a_point_is_fixed() -> None:
    assert human(TCP(), FixedPointField("a", 0, 16, 8), 384) == Fraction(3, 2)
    assert human(TCP(), FixedPointField("a", 0, 16, 8), 256) == 1


def test_the_bytes_of_each_field_that_was_read() -> None:
    values, encodings = dissection(_read(DNSQR, b"\x01a\x00\x00\x01\x00\x01"))
    assert values["qname"] == b"a."
    assert (encodings["qname"], encodings["qtype"]) == (b"\x01a\x00", b"\x00\x01")
    assert "qclass" not in encodings  # it is made of bits, as a flag stands before it


def test_what_was_not_read_field_by_field_has_none() -> None:
    assert dissection(DNSQR()) == ({}, {})


@pytest.mark.parametrize(("name", "differs"), [(b"\x01a\x00", False), (b"\xc0\x00", True)])
def test_what_was_read_from_other_bytes_is_told(name: bytes, differs: bool) -> None:
    record = DNSQR(qname=b"a.", qtype=1)
    keep_bytes(record, name + bytes.fromhex("00010001"))
    assert surely_differs(record) == differs


def test_of_a_layer_that_finishes_itself_nothing_is_sure() -> None:
    segment = _read(TCP, bytes(TCP(dataofs=5)))
    segment.fields["sport"] = 1
    assert not surely_differs(segment)
