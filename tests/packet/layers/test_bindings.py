from __future__ import annotations

import pytest
from scapy.packet import Packet, Raw, bind_layers

from scapy_server.packet.layers.bindings import Checked, bound_payloads
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry


class _Lower(Packet):
    """The layer asked about; Scapy does not register names that begin with `_`."""


class _Derived(_Lower):
    pass


class _Upper(Packet):
    pass


class _Other(Packet):
    pass


class _Unregistered(Packet):
    pass


bind_layers(_Lower, _Upper, {})
bind_layers(_Lower, _Unregistered, {})
bind_layers(_Derived, _Other, {})
bind_layers(_Derived, _Upper, {})


def layers(*classes: type[Packet]) -> Registry:
    return Registry([LayerFacts(cls.__name__.strip("_"), "", cls) for cls in classes])


def test_only_registered_layers_each_once_own_bindings_first() -> None:
    registry = layers(_Lower, _Derived, _Upper, _Other)
    assert bound_payloads(registry, registry.layer("Lower")) == ["Upper"]
    assert bound_payloads(registry, registry.layer("Derived")) == ["Upper", "Other"]
    assert bound_payloads(registry, registry.layer("Upper")) == []


CASES = [
    ("Ether", ["IP", "IPv6", "ARP", "Dot1Q"]),
    ("IP", ["TCP", "UDP", "ICMP", "GRE", "IP"]),
    ("Dot1AD", ["Dot1Q", "Dot1AD", "IP"]),
    ("UDP", ["DNS", "VXLAN", "BOOTP"]),
    ("VXLAN", ["Ether"]),
]


@pytest.mark.parametrize(("layer_id", "expected"), CASES)
def test_scapys_bindings(registry: Registry, layer_id: str, expected: list[str]) -> None:
    found = bound_payloads(registry, registry.layer(layer_id))
    assert set(expected) <= set(found)
    assert len(found) == len(set(found))
    assert all(upper in registry for upper in found)


def test_asking_makes_nothing_up(registry: Registry) -> None:
    """A class made known only as a by-product of a dissection is not offered."""
    small = layers(_Lower, _Upper)
    small.of_class(_Unregistered)
    assert bound_payloads(small, small.layer("Lower")) == ["Upper"]


def test_a_checked_class_is_bound_to_what_passes() -> None:
    checked = Checked(_Upper, lambda data: data.startswith(b"upper"))
    assert (checked.chosen(b"upper"), checked.chosen(b"other")) == (_Upper, Raw)
    assert [type(checked(data)) for data in (b"upper", b"other")] == [_Upper, Raw]
    assert checked.__name__ == "_Upper"
