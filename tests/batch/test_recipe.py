from __future__ import annotations

import pytest

from scapy_server.batch.recipe import (
    BytesSetting,
    FieldSetting,
    Recipe,
    changes_of,
    condition_of,
    settings_of,
)
from scapy_server.desk.errors import DeskError
from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry


def settings(registry: Registry, *texts: str) -> list[FieldSetting]:
    return [
        each for each in settings_of(Recipe(sets=texts), registry) if isinstance(each, FieldSetting)
    ]


def test_fields_are_named_as_everywhere(registry: Registry) -> None:
    texts = ("IP.src = 192.0.2.1", "IP:1.ttl=3", "DNS.qd[0].qname=a=b")
    first, second, part = settings(registry, *texts)
    assert (first.layer_id, first.occurrence, first.field_id, first.value) == (
        "IP",
        0,
        "src",
        "192.0.2.1",
    )
    assert (second.occurrence, second.value) == (1, "3")
    assert (part.field_id, part.value) == ("qd[0].qname", "a=b")


@pytest.mark.parametrize("text", ["@37=1f", "@0x25=0x1f"])
def test_bytes_are_named_by_their_place(registry: Registry, text: str) -> None:
    (setting,) = settings_of(Recipe(sets=(text,)), registry)
    assert setting == BytesSetting(text.partition("=")[0], 37, b"\x1f")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("IP.src", "takes FIELD=VALUE"),
        ("=1", "takes FIELD=VALUE"),
        ("IP=1", "a field is written LAYER.FIELD"),
        ("IPP.src=1", 'no layer .IPP.; did you mean "IP"'),
        ("IP.srx=1", 'no field .srx. in IP; did you mean "src"'),
        ("IP:x.src=1", "write IP, or IP:1"),
        ("@x=1f", "a place is @"),
        ("@3=", "give the bytes"),
    ],
)
def test_what_names_nothing_is_refused(registry: Registry, text: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        settings_of(Recipe(sets=(text,)), registry)


@pytest.mark.parametrize(
    ("text", "said"),
    [("@3=1", "--set @3: '1' is not bytes"), ("IP.options={", "--set IP.options: not JSON")],
)
def test_values_that_are_not_complete_are_refused(registry: Registry, text: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        settings_of(Recipe(sets=(text,)), registry)


def test_changes_are_for_the_layers_that_a_packet_has(registry: Registry) -> None:
    given = settings(registry, "IP.ttl=1", "IP:1.ttl=2", "IP:2.ttl=3", "UDP.dport=4", "IP.tos=5")
    model, touched = changes_of(given, ["Ether", "IP", "IP", "TCP"])
    assert model == [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": "1"}, {"id": "tos", "value": "5"}]},
        {"id": "IP", "fields": [{"id": "ttl", "value": "2"}]},
    ]
    assert touched == {(1, "ttl"), (1, "tos"), (2, "ttl")}
    assert changes_of(given, ["Ether", "ARP"]) == ([], set())


@pytest.mark.parametrize(
    ("recipe", "nothing"),
    [
        (Recipe(), True),
        (Recipe(where="IP"), True),
        (Recipe(where="IP", only=True), False),
        (Recipe(sets=("IP.ttl=1",)), False),
        (Recipe(fuzz=0), False),
        (Recipe(recompute=True), False),
        (Recipe(mtu=1500), False),
    ],
)
def test_what_changes_nothing(recipe: Recipe, nothing: bool) -> None:
    assert recipe.changes_nothing is nothing


def test_a_filter_is_the_desks(registry: Registry) -> None:
    assert condition_of(Recipe(), registry) is None
    with pytest.raises(DeskError, match="cannot be read"):
        condition_of(Recipe(where="number = 5"), registry)
    with pytest.raises(RefusedError, match="there is no layer 'tcp'"):
        condition_of(Recipe(where="tcp"), registry)
