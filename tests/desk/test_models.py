from __future__ import annotations

import copy
from typing import Any

import pytest

from scapy_server.desk import models

LAYERS: list[dict[str, Any]] = [
    {"id": "Ether", "fields": []},
    {"id": "IP", "fields": [{"id": "ttl", "value": 64, "hvalue": "64"}]},
    {"id": "IP", "fields": [{"id": "ttl", "value": 5, "hvalue": "5", "ignored": True}]},
    {"id": "gtp_v2.IE_Cause", "fields": []},
]


def test_changing_a_model_leaves_the_old_one_alone() -> None:
    model: list[dict[str, Any]] = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": "1"}]},
    ]
    before = copy.deepcopy(model)
    assert models.with_field(model, 1, "ttl", 9)[1]["fields"] == [{"id": "ttl", "value": 9}]
    assert models.with_field(model, 0, "type", 9)[0]["fields"] == [{"id": "type", "value": 9}]
    assert models.without_field(model, 1, "ttl")[1]["fields"] == []
    assert models.without_field(model, 1, "tos")[1]["fields"] == model[1]["fields"]
    assert model == before


def test_changes_of_a_dissected_packet() -> None:
    assert models.changes(LAYERS, 1, {"id": "ttl", "value": 9}) == [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": 9}]},
    ]


def test_the_model_of_a_tree_leaves_out_what_is_absent() -> None:
    model = models.model_of_tree(LAYERS)
    assert [layer["fields"] for layer in model] == [[], [{"id": "ttl", "value": 64}], [], []]


def test_random_values_are_kept_as_they_were_drawn() -> None:
    random = {"vtype": "RANDOM"}
    model: list[dict[str, Any]] = [
        {"id": "Ether"},
        {"id": "IP", "fields": [{"id": "ttl", "value": random}, {"id": "old", "value": random}]},
    ]
    assert models.drawn(model, LAYERS)[1]["fields"] == [
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
    assert models.is_instruction(value) is fits


def test_parts_go_with_their_field() -> None:
    fields = [{"id": name, "value": 1} for name in ("options", "options[0].value", "opt", "qd.x")]
    model = [{"id": "X", "fields": fields}]
    kept = models.without_field(model, 0, "options")[0]["fields"]
    assert [item["id"] for item in kept] == ["opt", "qd.x"]


def test_a_change_of_parts_goes_behind_what_was_set() -> None:
    model = models.with_field([{"id": "X"}], 0, "options", [])
    change = {"id": "options[0]", "insert": True, "value": 1}
    changed = models.with_change(model, 0, change)
    assert changed[0]["fields"] == [{"id": "options", "value": []}, change]


def test_changes_after_others_are_one() -> None:
    first: models.Model = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 1}]}]
    then: models.Model = [{"id": "Ether", "fields": [{"id": "type", "value": 2}]}]
    both = [
        {"id": "Ether", "fields": [{"id": "type", "value": 2}]},
        {"id": "IP", "fields": [{"id": "ttl", "value": 1}]},
    ]
    assert models.changed_twice(first, then) == models.changed_twice(then, first) == both
    assert models.changed_twice(first, first) == [{"id": "Ether", "fields": []}, first[1]]


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        (["ttl=1", "tos=2", "ttl=3"], ["tos=2", "ttl=3"]),
        (["an[0].ttl=1", "an[1].ttl=2", "an[0].ttl=3"], ["an[1].ttl=2", "an[0].ttl=3"]),
        (["an[0]", "an[0].ttl=1", "an[0].ttl=2"], ["an[0]", "an[0].ttl=1", "an[0].ttl=2"]),
        (["an=1", "an[0].ttl=1", "an=2"], ["an=1", "an[0].ttl=1", "an=2"]),
        (["an[0]", "an[0]"], ["an[0]", "an[0]"]),
    ],
)
def test_of_what_is_set_twice_the_last_counts(made: list[str], kept: list[str]) -> None:
    """Without a value it is a deletion."""

    def model(texts: list[str]) -> models.Model:
        pairs = [text.partition("=") for text in texts]
        fields = [
            {"id": name, "value": value} if value else {"id": name, "delete": True}
            for name, _, value in pairs
        ]
        return [{"id": "DNS", "fields": fields}]

    for cut in range(len(made) + 1):
        assert models.changed_twice(model(made[:cut]), model(made[cut:])) == model(kept)


def test_what_was_computed_is_remembered_as_it_is() -> None:
    computed = {"id": "ttl", "value": models.UNDEFINED}
    part = {"id": "options[0]", "delete": True}
    (ether, ip) = models.with_computed(
        [{"id": "Ether"}, {"id": "IP", "fields": [computed, part]}], LAYERS
    )
    assert ether == {"id": "Ether", "fields": []}
    assert ip["fields"] == [{"id": "ttl", "value": 64}, part]
