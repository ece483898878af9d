from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.errors import RefusedError
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.models import model as m
from scapy_server.packet.models.model import parse_model, parse_value

PAYLOAD = base64.b64encode(b"payload").decode()
DEEP: list[Any] = []
for _ in range(80):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (5, m.Plain(5)),
        (1.5, m.Plain(1.5)),
        (True, m.Plain(True)),
        ("IPv4", m.Plain("IPv4")),
        ("", m.Plain("")),
        (None, m.Undefined()),
        ([], m.Items(())),
        ([1, ["MSS", 2]], m.Items((m.Plain(1), m.Items((m.Plain("MSS"), m.Plain(2)))))),
        ({"vtype": "UNDEFINED"}, m.Undefined()),
        ({"vtype": "RANDOM"}, m.Random()),
        ({"vtype": "RANDOM", "seed": 7}, m.Random(7)),
        ({"vtype": "RANDOM", "seed": "-7"}, m.Random(-7)),
        ({"vtype": "MACHINE", "base64": "fwAAAQ=="}, m.Machine(b"\x7f\0\0\1")),
        ({"vtype": "EXPRESSION", "expr": "[1]"}, m.Expression("[1]")),
        ({"vtype": "EXPRESSION", "expr": {"base64": "WzFd"}}, m.Expression("[1]")),
        ({"vtype": "OBJECT", "value": {"a": 1}}, m.Object({"a": 1})),
        ({"vtype": "OBJECT"}, m.Object(None)),
        ({"vtype": "BYTES", "base64": PAYLOAD}, m.GivenBytes(b"payload")),
        ({"vtype": "BYTES", "base64": ""}, m.GivenBytes(b"")),
        # What stands besides base64 counts for nothing.
        ({"vtype": "BYTES", "base64": PAYLOAD, "size": 3, "seed": 1}, m.GivenBytes(b"payload")),
        ({"vtype": "BYTES", "base64": "cGF5\nbG9h ZA"}, m.GivenBytes(b"payload")),
        (
            {"vtype": "BYTES", "generate": "random_bytes", "size": 4},
            m.RandomBytes(m.Size(4), m.DEFAULT_SEED, ascii=False),
        ),
        (
            {"vtype": "BYTES", "generate": "random_ascii", "size": "4", "seed": "9"},
            m.RandomBytes(m.Size(4), 9, ascii=True),
        ),
        (
            {"vtype": "BYTES", "generate": "random_bytes", "size": 4, "seed": 0},
            m.RandomBytes(m.Size(4), m.DEFAULT_SEED, ascii=False),
        ),
        (
            {"vtype": "BYTES", "generate": "random_bytes", "size": 4, "total_size": 60},
            m.RandomBytes(m.Size(60, total=True), m.DEFAULT_SEED, ascii=False),
        ),
        (
            {"vtype": "BYTES", "generate": "template", "template_base64": PAYLOAD, "size": 3},
            m.PatternBytes(b"payload", m.Size(3)),
        ),
        (
            {"vtype": "BYTES", "generate": "template_code", "template_code": "0xAB 0Xcd\n ef"},
            m.PatternBytes(b"\xab\xcd\xef", None),
        ),
        (
            {"vtype": "BYTES", "generate": "template_code", "template_code": "", "size": 0},
            m.PatternBytes(b"", m.Size(0)),
        ),
    ],
)
def test_every_form_of_value(raw: object, value: m.Value) -> None:
    assert parse_value(raw) == value
    hash(value if not isinstance(value, m.Object) else 0)  # frozen values, fit for a cache


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({}, '"vtype" must be one of UNDEFINED, RANDOM, MACHINE, EXPRESSION, BYTES, OBJECT'),
        ({"vtype": "Bytes"}, "not 'Bytes'"),
        ({"vtype": None}, "not None"),
        ({"vtype": ["BYTES"]}, '"vtype" must be one of'),
        ({"vtype": "RANDOM", "seed": 1.5}, '"seed" must be a whole number, not 1.5'),
        ({"vtype": "RANDOM", "seed": "abc"}, '"seed" must be a whole number'),
        ({"vtype": "MACHINE"}, '"base64" must be base64 text, not null'),
        ({"vtype": "MACHINE", "base64": "?"}, '"base64" must be base64 in the standard alphabet'),
        ({"vtype": "EXPRESSION"}, '"expr" must be a string or {"base64": …}, not null'),
        ({"vtype": "EXPRESSION", "expr": 5}, '"expr" must be a string'),
        ({"vtype": "EXPRESSION", "expr": {}}, '"base64" must be base64 text, not null'),
        ({"vtype": "EXPRESSION", "expr": {"base64": "/w=="}}, '"expr" is not UTF-8 in base64'),
        ({"vtype": "BYTES"}, 'BYTES need "base64" or "generate"'),
        ({"vtype": "BYTES", "base64": None}, '"base64" must be base64 text, not null'),
        ({"vtype": "BYTES", "base64": "A-_A"}, "in the standard alphabet"),
        ({"vtype": "BYTES", "base64": "A"}, "in the standard alphabet"),
        ({"vtype": "BYTES", "base64": "ä"}, "in the standard alphabet"),
        ({"vtype": "BYTES", "generate": "foo", "size": 3}, "not 'foo'"),
        ({"vtype": "BYTES", "generate": ["template"], "size": 3}, '"generate" must be one of'),
        ({"vtype": "BYTES", "generate": "random_bytes"}, 'needs "size" or "total_size"'),
        ({"vtype": "BYTES", "generate": "template", "template_base64": ""}, 'needs "size"'),
        ({"vtype": "BYTES", "generate": "template", "size": 1}, '"template_base64" must be base64'),
        ({"vtype": "BYTES", "generate": "random_bytes", "size": -1}, "must not be negative"),
        ({"vtype": "BYTES", "generate": "random_bytes", "total_size": -1}, '"total_size" must not'),
        ({"vtype": "BYTES", "generate": "random_bytes", "size": True}, "must be a whole number"),
        ({"vtype": "BYTES", "generate": "random_bytes", "size": "4x"}, "must be a whole number"),
        ({"vtype": "BYTES", "generate": "random_bytes", "size": "\u0664"}, "a whole number"),
        ({"vtype": "BYTES", "generate": "random_bytes", "size": 1, "seed": []}, '"seed" must be'),
        ({"vtype": "BYTES", "generate": "template_code"}, '"template_code" must be hex text'),
        (
            {"vtype": "BYTES", "generate": "template_code", "template_code": "abc"},
            '"template_code" must be an even number of hex digits',
        ),
        (
            {"vtype": "BYTES", "generate": "template_code", "template_code": "xy"},
            '"template_code" must be an even number of hex digits',
        ),
        (DEEP, "the nesting of"),
    ],
)
def test_forms_that_do_not_exist_are_refused(raw: object, problem: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_value(raw)
    assert problem in refusal.value.problem


def test_a_model_is_parsed_into_specs(registry: Registry) -> None:
    raw = json.loads(
        """[{"id": "Ether"},
            {"id": "IP", "fields": [{"id": "ttl", "value": 9, "hvalue": "9"},
                                    {"id": "ttl", "value": "10"}], "name": "ignored"},
            {"id": "Raw", "fields": null, "delete": true}]"""
    )
    assert parse_model(raw, registry) == (
        m.LayerSpec("Ether"),
        m.LayerSpec("IP", (m.FieldSpec("ttl", m.Plain(9)), m.FieldSpec("ttl", m.Plain("10")))),
        m.LayerSpec("Raw", (), delete=True),
    )


@pytest.mark.parametrize("delete", [1, "true", "True", None, False, [True]])
def test_only_true_deletes(delete: object, registry: Registry) -> None:
    assert not parse_model([{"id": "IP", "delete": delete}], registry)[0].delete


@pytest.mark.parametrize(
    ("layer", "given", "today"),
    [
        ("Dot1Q", "vtype", "type"),
        ("Dot1Q", "id", "dei"),
        ("GRE", "seqence_number", "sequence_number"),
        ("IGMP", "mrtime", "mrcode"),
        ("Dot1AD", "vtype", "type"),  # a subclass inherits them
    ],
)
def test_former_names_of_fields(layer: str, given: str, today: str, registry: Registry) -> None:
    raw = [{"id": layer, "fields": [{"id": given, "value": 1}]}]
    assert parse_model(raw, registry)[0].fields[0].id == today


@pytest.mark.parametrize(
    ("raw", "where", "problem"),
    [
        (None, (), "a packet model is an array of layers, not null"),
        ({}, (), "a packet model is an array of layers, not an object"),
        ("Ether()", (), "not a string"),
        (5, (), "not a number"),
        (True, (), "not a boolean"),
        (["Ether"], ("layer 0",), 'a layer is an object with an "id", not a string'),
        ([{"id": "Ether"}, None], ("layer 1",), "not null"),
        ([{}], ("layer 0",), '"id" must be the name of a layer, not null'),
        ([{"id": 5}], ("layer 0",), '"id" must be the name of a layer, not a number'),
        ([{"id": "Ehter"}], ("layer 0 (Ehter)",), "no layer 'Ehter'; did you mean \"Ether\"?"),
        ([{"id": "Ether"}, {"id": "ip"}], ("layer 1 (ip)",), 'did you mean "IP"?'),
        ([{"id": "__class__"}], ("layer 0 (__class__)",), "there is no layer '__class__'"),
        ([{"id": "IP", "fields": {}}], ("layer 0 (IP)",), '"fields" must be an array'),
        ([{"id": "IP", "fields": [5]}], ("layer 0 (IP)",), "field 0 must be an object"),
        ([{"id": "IP", "fields": [{"value": 5}]}], ("layer 0 (IP)",), 'with a string "id"'),
        (
            [{"id": "IP", "fields": [{"id": "tll", "value": 5}]}],
            ("layer 0 (IP)",),
            "there is no field 'tll' in IP; did you mean \"ttl\"?",
        ),
        (
            [{"id": "IP", "fields": [{"id": "payload", "value": 5}]}],
            ("layer 0 (IP)",),
            "there is no field 'payload' in IP",
        ),
        (
            [{"id": "IP", "fields": [{"id": "ttl"}]}],
            ("layer 0 (IP)", "field ttl"),
            'the member "value" is missing',
        ),
        (
            [{"id": "Raw"}, {"id": "Raw", "fields": [{"id": "load", "value": {"vtype": "X"}}]}],
            ("layer 1 (Raw)", "field load"),
            '"vtype" must be one of',
        ),
    ],
)
def test_a_bad_model_is_refused_by_name_and_position(
    raw: object, where: tuple[str, ...], problem: str, registry: Registry
) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_model(raw, registry)
    assert refusal.value.where == where
    assert problem in refusal.value.problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "fields", "value", "vtype", "base64", "generate", "size", "expr", "seed"]
            ),
            inner
            | st.sampled_from(["Ether", "IP", "ttl", "BYTES", "RANDOM", "EXPRESSION", "template"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(raw=JSON)
def test_any_json_is_a_model_or_refused(raw: object, registry: Registry) -> None:
    try:
        parse_model(raw, registry)
    except RefusedError as error:
        assert error.problem


@given(JSON)
def test_any_json_is_a_value_or_refused(raw: object) -> None:
    try:
        parse_value(raw)
    except RefusedError as error:
        assert error.problem


def test_what_is_deleted_needs_no_name(registry: Registry) -> None:
    model = parse_model([{"id": "Ether"}, {"delete": True}], registry, changing=True)
    assert [layer.delete for layer in model] == [False, True]
    with pytest.raises(RefusedError, match='"id" must be the name of a layer'):
        parse_model([{"delete": True}], registry)
