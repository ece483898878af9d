from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET

from scapy_server.catalog.handwritten import Handwritten, own_entries, own_files, read_file
from scapy_server.errors import RefusedError


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "own.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def with_field(**members: Any) -> str:
    return json.dumps({"protocols": [{"id": "IP", "fields": [{"id": "ttl", **members}]}]})


BAD = [
    ("empty", "", "not a data file"),
    ("not JSON", '{"protocols": [\n  {"id": "IP",\n  }]}', "in line 3"),
    ("not UTF-8", b'{"protocols": [{"id": "\xff"}]}', "not a data file"),
    ("an array", "[]", "Expected `object`, got `array`"),
    ("misspelt member", '{"protocol": []}', "unknown field `protocol`"),
    ("protocol without id", '{"protocols": [{"name": "x"}]}', "$.protocols[0]"),
    ("empty id", '{"protocols": [{"id": ""}]}', "$.protocols[0].id"),
    ("null", '{"protocols": [{"id": "IP", "name": null}]}', "$.protocols[0].name"),
    ("deep", "[" * 100_000, "not a data file"),
    ("unknown type", with_field(type="COLOUR"), "$.protocols[0].fields[0].type"),
    ("number as text", with_field(min="1", max="2"), "$.protocols[0].fields[0].min"),
    ("too large for Java", with_field(min=0, max=2**31), "$.protocols[0].fields[0].max"),
    ("too small for Java", with_field(min=-(2**31) - 1, max=0), "fields[0].min"),
    ("no values", with_field(values_dict={}), "fields[0].values_dict"),
    ("no bits", with_field(bits=[]), "fields[0].bits"),
    ("mask of no bit", with_field(bits=[{"name": "x", "mask": 0}]), "bits[0].mask"),
    ("mask of 32 bits", with_field(bits=[{"name": "x", "mask": 2**31}]), "bits[0].mask"),
    ("min alone", with_field(min=1), "protocol 0 (IP), field ttl: min and max"),
    ("max alone", with_field(max=1), "min and max come together"),
    ("min above max", with_field(min=2, max=1), "min 2 is above max 1"),
    ("broken regex", with_field(regex="(a"), "regex '(a'"),
    ("regex of Python only", with_field(regex="(?P<a>b)"), "Java and Python"),
    ("regex of Java only", with_field(regex=r"\p{Alpha}"), "Java and Python"),
    ("unknown list", with_field(values="colours"), "no list of values called 'colours'"),
    ("two lists", with_field(values="a", values_dict={"b": 1}), "exclude each other"),
    (
        "described twice",
        '{"protocols": [{"id": "IP", "fields": [{"id": "ttl"}, {"id": "ttl"}]}]}',
        "protocol 0 (IP), field ttl: it is described twice",
    ),
]


@pytest.mark.parametrize(("case", "text", "problem"), BAD)
def test_bad_files(tmp_path: Path, case: str, text: str | bytes, problem: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(RefusedError) as caught:
        read_file(path)
    assert caught.value.where[0] == str(path)
    assert problem in caught.value.message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "none.json", "No such file"), (tmp_path, "directory")):
        with pytest.raises(RefusedError, match=problem):
            read_file(path)


def test_limits_of_a_java_integer_are_allowed(tmp_path: Path) -> None:
    file = read_file(written(tmp_path, with_field(min=-(2**31), max=2**31 - 1)))
    field = file.protocols[0].fields[0]
    assert (field.min, field.max) == (-(2**31), 2**31 - 1)


def test_shared_lists_are_copied_into_their_fields(tmp_path: Path) -> None:
    text = json.loads(with_field(values="lifetimes")) | {"values": {"lifetimes": {"long": 255}}}
    field = read_file(written(tmp_path, json.dumps(text))).protocols[0].fields[0]
    assert field.values_dict == {"long": 255}
    assert field.values is UNSET


def test_a_later_file_is_stronger(tmp_path: Path) -> None:
    file = read_file(written(tmp_path, '{"protocols": [{"id": "IP", "name": "Internet"}]}'))
    both = Handwritten([*own_files(), file])
    assert (own_entries().name("IP"), both.name("IP")) == ("IPv4", "Internet")
    assert both.payloads("IP") == own_entries().payloads("IP")
    assert both.fields("IP") == own_entries().fields("IP")
    assert both.name("Nope") is None
    assert both.payloads("Nope") is None


def test_each_protocol_stands_in_one_of_our_files() -> None:
    ids = [protocol.id for file in own_files() for protocol in file.protocols]
    assert len(ids) == len(set(ids)) > 100
