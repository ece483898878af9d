"""Packets that are read have no copies of defaults; those that are built have them."""

from __future__ import annotations

import pytest
from scapy.layers.l2 import ARP
from scapy.layers.x509 import X509_AlgorithmIdentifier
from scapy.packet import Packet

pytestmark = pytest.mark.usefixtures("registry")


@pytest.mark.parametrize("cls", [ARP, X509_AlgorithmIdentifier])
def test_packets_that_are_read_share_their_defaults(cls: type[Packet]) -> None:
    built, data = cls(), bytes(cls())
    assert Packet.class_dont_cache.get(cls)
    first, second = cls(data), cls(data)
    assert first.default_fields is second.default_fields
    assert first.default_fields is not built.default_fields
    assert built.default_fields is not cls().default_fields
    assert first.fieldtype.keys() == built.fieldtype.keys()
    assert bytes(first) == bytes(second) == data
    assert {**first.default_fields, **first.fields}.keys() == built.default_fields.keys()


def test_what_is_set_in_one_is_not_set_in_another() -> None:
    data = bytes(ARP())
    first, second = ARP(data), ARP(data)
    first.hwlen, first.op = 8, 2
    assert (second.hwlen, second.op, ARP(data).op) == (6, 1, 1)
