"""The parameters of `call` as people write them; tests/cli/test_app.py calls servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scapy_server.cli.call import parameters
from scapy_server.errors import RefusedError


def given(*texts: str, typed: bytes = b"") -> Any:
    return parameters(texts, lambda: typed)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("all", "all"),
        ("5", 5),
        ('"5"', "5"),
        ('[{"id": "Ether"}]', [{"id": "Ether"}]),
        ("null", None),
        ("NaN", "NaN"),
        ("Ether()/IP(dst='1.2.3.4')", "Ether()/IP(dst='1.2.3.4')"),
        ("YWI=", "YWI="),
        ("YQ==", "YQ=="),
        ('"@here"', "@here"),
        ("", ""),
    ],
)
def test_by_position(text: str, value: Any) -> None:
    assert given(text) == [value]


def test_by_name() -> None:
    assert given("pcap_base64=YQ==", 'options={"count": 5}', "link_type=RAW") == {
        "pcap_base64": "YQ==",
        "options": {"count": 5},
        "link_type": "RAW",
    }
    assert given("name=a=b", "other=-", typed=b"[1]\n") == {"name": "a=b", "other": [1]}


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'[{"id":"Ether"}]\n', [{"id": "Ether"}]),
        (b"Ether()/IP()\r\n", "Ether()/IP()"),
        (b"\xd4\xc3\xb2\xa1\0", "1MOyoQA="),
        (b"\x89PNG", "iVBORw=="),
    ],
)
def test_from_files_and_standard_input(tmp_path: Path, content: bytes, value: Any) -> None:
    path = tmp_path / "parameter"
    path.write_bytes(content)
    assert given(f"@{path}", "-", typed=content) == [value, value]
    assert given(f"x=@{path}") == {"x": value}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            ['[{"id": "Ether"'],
            "parameter 1: it begins as JSON and is none: Expecting ',' delimiter",
        ),
        (["5", '{"a": }'], "parameter 2: it begins as JSON and is none: Expecting value at line 1"),
        (["model=[1"], "parameter model: it begins as JSON"),
        (["-"], "parameter 1, standard input: it begins as JSON"),
        (["@/no/such/file"], "parameter 1: /no/such/file: No such file"),
        (["@/"], "parameter 1: /: Is a directory"),
        (["-", "-"], "only one parameter can be -"),
        (["a=-", "b=-"], "only one parameter can be -"),
        (["a=1", "2"], "by position or by name, not both; give '2' its name"),
        (["a=1", "a=2"], "the parameter a is given twice"),
    ],
)
def test_what_is_wrong_with_a_parameter_is_said(texts: list[str], said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        given(*texts, typed=b"[1,")
    assert said in refused.value.detail
