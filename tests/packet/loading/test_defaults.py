from __future__ import annotations

import base64
from typing import Any

import pytest
from scapy import fields as sf
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.layers.smb import SMBNegotiate_Request
from scapy.packet import Packet
from scapy.volatile import VolatileValue

from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.loading import defaults, modules


@pytest.mark.parametrize(
    ("packet", "frame"),
    [
        (
            lambda: Ether() / IP() / TCP(),
            "000000010000000000020000" "0800"
            "4500002800010000400" "63ace" "1000000130000001"
            "001400500000000000000000" "50022000" "4f7d0000",
        ),
        (Ether, "000000010000000000020000" "9000"),
        (lambda: Ether() / ARP(), "000000010000000000020000" "0806" "0001080006040001"
         "000000000000" "10000001" "000000000000" "00000000"),
        (lambda: Ether() / Dot1Q(), "000000010000000000020000" "8100" "0001" "0000"),
        (IPv6, "60000000" "00003b40" + "00" * 15 + "02" + "00" * 15 + "01"),
        (UDP, "00350035" "0008" "0000"),
        (lambda: ICMP(type=13), "0d00f2ff" "00000000" "00000000" "00000000" "00000000"),
    ],
)  # fmt: skip
def test_documented_defaults_on_the_wire(registry: Registry, packet: Any, frame: str) -> None:
    assert bytes(packet()).hex() == frame


def test_the_documents_example(registry: Registry) -> None:
    assert base64.b64encode(bytes(Ether() / IP() / TCP())) == (
        b"AAAAAQAAAAAAAgAACABFAAAoAAEAAEAGOs4QAAABMAAAAQAUAFAAAAAAAAAAAFACIABPfQAA"
    )


def test_every_entry_of_the_table_has_its_layer_and_field(registry: Registry) -> None:
    known = {defaults.short_name(layer.cls): layer.cls for layer in registry}
    for name, values in defaults.DEFAULTS.items():
        if name not in known and modules.scapy_version() < (2, 8):
            continue
        cls = known[name]
        assert values.keys() <= {field.name for field in cls.fields_desc}, name
        packet = cls()
        assert {field: shown_default(packet, field) for field in values} == values


def shown_default(packet: Packet, name: str) -> object:
    """The default of a field; of an address that is one of several types, what is built."""
    value = packet.getfieldval(name)
    field, _ = packet.getfield_and_val(name)
    return field.i2h(packet, None) if value is None else value


def test_no_default_is_drawn_by_chance(registry: Registry) -> None:
    def plain(field: Any) -> Any:
        while isinstance(field, sf._FieldContainer) and hasattr(field, "fld"):
            field = field.fld
        return field

    for layer in registry:
        for field in layer.cls.fields_desc:
            assert not isinstance(plain(field).default, VolatileValue), (layer.id, field.name)


def test_packets_share_no_default_list_items(registry: Registry) -> None:
    changed, untouched = SMBNegotiate_Request(), SMBNegotiate_Request()
    changed.Dialects[0].DialectString = b"changed"
    assert untouched.Dialects[0].DialectString != b"changed"
    assert SMBNegotiate_Request().Dialects[0].DialectString != b"changed"
