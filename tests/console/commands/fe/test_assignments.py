from __future__ import annotations

import pytest

from scapy_server.console.commands.fe.assignments import assignments, words_of
from scapy_server.desk.errors import DeskError


def test_parameters() -> None:
    words = words_of("a=1 'b=two words' c=[1] d=")
    assert assignments(words) == {
        "a": "1",
        "b": "two words",
        "c": {"vtype": "EXPRESSION", "expr": "[1]"},
        "d": "",
    }


@pytest.mark.parametrize("word", ["a", "=1"])
def test_what_is_no_parameter(word: str) -> None:
    with pytest.raises(DeskError, match="write name=value"):
        assignments([word])


def test_a_lone_quote() -> None:
    with pytest.raises(DeskError, match="no closing quotation"):
        words_of("a='1")
