"""Long numbers, bit strings and identifiers are counted before they are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scapy.asn1.ber import BERcodec_BIT_STRING, BERcodec_COUNTER32, BERcodec_INTEGER, BERcodec_OID
from scapy.layers.inet import IP, UDP
from scapy.layers.isakmp import ISAKMP, ISAKMP_payload_Transform
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from scapy_server.captures.link_types import ETHERNET
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames import long_values
from scapy_server.packet.frames.budget import Budget, OverBudget
from scapy_server.packet.layers.registry import Registry

pytestmark = pytest.mark.usefixtures("registry")


def value(tag: int, size: int) -> bytes:
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + b"\1" * size


def taken(read: Callable[[bytes], object], data: bytes) -> int:
    budget = Budget()
    with budget:
        read(data)
    return budget.taken


@pytest.mark.parametrize(
    ("codec", "tag"),
    [
        (BERcodec_INTEGER, 0x02),
        (BERcodec_COUNTER32, 0x41),
        (BERcodec_BIT_STRING, 0x03),
        (BERcodec_OID, 0x06),
    ],
)
def test_values_of_asn1(codec: type[BERcodec_INTEGER], tag: int) -> None:
    short, middle, long = (taken(codec.do_dec, value(tag, size)) for size in (100, 1000, 4000))
    assert short < 1000 < middle
    assert 3 * middle < long
    with pytest.raises(OverBudget):
        taken(codec.do_dec, value(tag, 60_000))
    cut = value(tag, 60_000)[:50]
    assert taken(lambda data: codec.dec(data, safe=True), cut) < 5000


def test_while_nothing_is_read_nothing_is_counted() -> None:
    assert BERcodec_INTEGER.do_dec(value(2, 9000))[1] == b""


def test_a_transform_of_one_long_number_is_not_read(registry: Registry) -> None:
    codec = PacketCodec(registry)

    def frame(size: int) -> bytes:
        number = b"\0\1" + size.to_bytes(2, "big") + b"\1" * size
        transform = bytes(ISAKMP_payload_Transform(length=8 + len(number)))[:8] + number
        message = ISAKMP(next_payload=3) / Raw(transform)
        return bytes(Ether() / IP() / UDP(sport=500, dport=500) / message)

    ids = [[t.packet.name for t in codec.trace(frame(size), ETHERNET)] for size in (500, 20_000)]
    assert ids[0][-1] == "IKE Transform"
    assert ids[1][-1] == "Raw"
    assert "takes more than" in str(codec.dissect(frame(20_000)).problem)


def test_nothing_is_counted_twice() -> None:
    before = BERcodec_INTEGER.__dict__["do_dec"]
    long_values.install()
    assert BERcodec_INTEGER.__dict__["do_dec"] is before
