from __future__ import annotations

import copy
from typing import Any

import pytest

from scapy_server.console import editing
from scapy_server.console.session import ConsoleError

LAYERS: list[dict[str, Any]] = [
    {"id": "Ether", "fields": []},
    {"id": "IP", "fields": [{"id": "ttl", "value": 64, "hvalue": "64"}]},
    {"id": "IP", "fields": [{"id": "ttl", "value": 5, "hvalue": "5", "ignored": True}]},
    {"id": "gtp_v2.IE_Cause", "fields": []},
]


def test_layer_names() -> None:
    names = editing.layer_names(LAYERS)
    assert names == ["Ether", "IP", "IP:1", "gtp_v2.IE_Cause"]
    assert [editing.find_layer(LAYERS, name) for name in names] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("reference", "index"),
    [("Ether", 0), ("IP", 1), ("IP:0", 1), ("IP:1", 2), (" IP:01 ", 2), ("gtp_v2.IE_Cause", 3)],
)
def test_find_layer(reference: str, index: int) -> None:
    assert editing.find_layer(LAYERS, reference) == index


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("TCP", "no layer 'TCP'; it has Ether, IP, gtp_v2.IE_Cause"),
        ("Eher", "did you mean Ether"),
        ("IP:2", "2 IP, IP:0 to IP:1"),
        ("IP:x", "write IP, or IP:1"),
        ("IP:", "write IP, or IP:1"),
        ("IP:²", "write IP, or IP:1"),
        ("IP:9999999", "write IP, or IP:1"),
        ("", "no layer ''"),
    ],
)
def test_layers_that_are_not_there(reference: str, said: str) -> None:
    with pytest.raises(ConsoleError, match=said):
        editing.find_layer(LAYERS, reference)


def test_find_field() -> None:
    assert editing.find_field(LAYERS, "IP.ttl") == (1, "ttl")
    assert editing.find_field(LAYERS, "IP:1.ttl") == (2, "ttl")
    assert editing.find_field(LAYERS, "gtp_v2.IE_Cause.length") == (3, "length")
    for reference in ("IP", "IP.", ".ttl", ""):
        with pytest.raises(ConsoleError, match="is not a field"):
            editing.find_field(LAYERS, reference)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9", "9"),
        ("0x10", "0x10"),
        ("S", "S"),
        ("16.0.0.1", "16.0.0.1"),
        ("two words", "two words"),
        ('"  text "', "  text "),
        ("'text'", "text"),
        ("b'\\x00A'", {"vtype": "BYTES", "base64": "AEE="}),
        ('{"vtype": "RANDOM"}', {"vtype": "RANDOM"}),
        ('[["MSS", 1460]]', [["MSS", 1460]]),
        ("[('MSS', 1460)]", "[('MSS', 1460)]"),
    ],
)
def test_values(text: str, value: object) -> None:
    assert editing.value_of(text) == value


@pytest.mark.parametrize("text", ["'open", "b'open", '"open', '{"a": ', "'a' 'b' c", "'\\x'"])
def test_values_that_are_not_complete(text: str) -> None:
    with pytest.raises(ConsoleError, match=r"not complete|not JSON"):
        editing.value_of(text)


def test_changing_a_model_leaves_the_old_one_alone() -> None:
    model: list[dict[str, Any]] = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": "1"}]},
    ]
    before = copy.deepcopy(model)
    assert editing.with_field(model, 1, "ttl", 9)[1]["fields"] == [{"id": "ttl", "value": 9}]
    assert editing.with_field(model, 0, "type", 9)[0]["fields"] == [{"id": "type", "value": 9}]
    assert editing.without_field(model, 1, "ttl")[1]["fields"] == []
    assert editing.without_field(model, 1, "tos")[1]["fields"] == model[1]["fields"]
    assert model == before


def test_changes_of_a_dissected_packet() -> None:
    assert editing.changes(LAYERS, 1, "ttl", 9) == [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": 9}]},
    ]


def test_the_model_of_a_tree_leaves_out_what_is_absent() -> None:
    model = editing.model_of_tree(LAYERS)
    assert [layer["fields"] for layer in model] == [[], [{"id": "ttl", "value": 64}], [], []]


def test_random_values_are_kept_as_they_were_drawn() -> None:
    random = {"vtype": "RANDOM"}
    model: list[dict[str, Any]] = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": random}, {"id": "old", "value": random}]},
    ]
    assert editing.drawn(model, LAYERS)[1]["fields"] == [
        {"id": "ttl", "value": 64},
        {"id": "old", "value": random},
    ]
    assert model[1]["fields"][0] == {"id": "ttl", "value": random}


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"id": "x"}, True),
        ({"id": "x", "parameters": None}, True),
        ({"id": "x", "parameters": {"a": 1}}, True),
        ({"id": "x", "parameters": [1]}, False),
        ({"id": 1}, False),
        ({}, False),
        ("x", False),
    ],
)
def test_what_has_the_shape_of_an_instruction(value: object, fits: bool) -> None:
    assert editing.is_instruction(value) is fits
