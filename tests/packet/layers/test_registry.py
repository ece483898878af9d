from __future__ import annotations

import pytest
from scapy.packet import NoPayload, Packet

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.facts import LayerFacts
from scapy_server.packet.layers.registry import Registry, describe_layers, display_name


class _Base(Packet):
    name = "The base"


class _Middle(_Base):
    pass


class _Leaf(_Middle):
    pass


def test_layers_keep_their_order(registry: Registry) -> None:
    layers = list(registry)
    assert len(layers) == len(registry) > 100
    ids = [layer.id for layer in layers]
    assert ids.index("Raw") < ids.index("Ether") < ids.index("IP") < ids.index("IPv6")
    assert all(registry.layer(layer.id) is layer for layer in layers)


def test_unknown_layers_are_refused_with_advice(registry: Registry) -> None:
    with pytest.raises(RefusedError) as caught:
        registry.layer("Ehter")
    assert caught.value.message == (
        "Scapy Server: there is no layer 'Ehter'; did you mean \"Ether\"?"
    )
    assert "Ehter" not in registry


FIELDS = [
    ("IP", "ttl", "ttl"),
    ("Dot1Q", "vtype", "type"),
    ("Dot1Q", "id", "dei"),
    ("Dot1AD", "id", "dei"),
    ("GRE", "seqence_number", "sequence_number"),
    ("IGMP", "mrtime", "mrcode"),
]


@pytest.mark.parametrize(("layer_id", "asked", "found"), FIELDS)
def test_fields_by_todays_and_by_former_names(
    registry: Registry, layer_id: str, asked: str, found: str
) -> None:
    assert registry.field(registry.layer(layer_id), asked).id == found


@pytest.mark.parametrize("asked", ["tll", "TTL", "nope", "", "x" * 1000])
def test_unknown_fields_are_refused(registry: Registry, asked: str) -> None:
    with pytest.raises(RefusedError) as caught:
        registry.field(registry.layer("IP"), asked)
    assert "in IP" in caught.value.message
    assert ('"ttl"' in caught.value.message) == (asked in ("tll", "TTL"))
    assert len(caught.value.message) < 200


def test_header_lines_without_a_field_are_told_their_path(registry: Registry) -> None:
    with pytest.raises(RefusedError, match="other header lines go by 'Unknown_Headers"):
        registry.field(registry.layer("HTTPRequest"), "X-Test")
    with pytest.raises(RefusedError, match='did you mean "User_Agent"'):
        registry.field(registry.layer("HTTPRequest"), "User-Agent")


def test_classes_are_found_and_made_up_ones_are_not_registered() -> None:
    registry = Registry([LayerFacts("Base", "", _Base)])
    assert registry.of_class(_Base).id == "Base"
    assert registry.id_of_class(_Base) == "Base"
    assert registry.id_of_class(_Leaf) is None
    assert registry.of_class(_Leaf).id == "_Leaf"
    assert registry.id_of_class(_Leaf) is None
    assert "_Leaf" not in registry


def test_a_made_up_class_does_not_pass_for_its_namesake() -> None:
    namesake = type("_Base", (Packet,), {})
    registry = Registry([LayerFacts("_Base", "", _Base)])
    registry.of_class(namesake)
    assert registry.id_of_class(namesake) is None


def test_bases_nearest_first_and_only_registered_ones() -> None:
    registry = Registry([LayerFacts(cls.__name__, "", cls) for cls in (_Base, _Middle, _Leaf)])
    assert [base.id for base in registry.bases(registry.layer("_Leaf"))] == ["_Middle", "_Base"]
    assert registry.bases(registry.layer("_Base")) == []
    without = Registry([LayerFacts(cls.__name__, "", cls) for cls in (_Base, _Leaf)])
    assert [base.id for base in without.bases(without.layer("_Leaf"))] == ["_Base"]


def test_on_equal_names_the_earlier_class_keeps_it() -> None:
    first = type("_Same", (Packet,), {"__module__": "scapy.layers.core"})
    second = type("_Same", (Packet,), {"__module__": "scapy.contrib.other"})
    found = describe_layers([first, NoPayload, second])
    assert [(layer.id, layer.cls) for layer in found] == [
        ("_Same", first),
        ("other._Same", second),
    ]


def test_display_name_is_scapys_or_the_classs() -> None:
    assert display_name(_Base) == "The base"
    nameless = type("_Nameless", (Packet,), {"name": ""})
    assert display_name(nameless) == "_Nameless"
