from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import errors
from scapy_server.errors import ErrorCode, RefusedError, ScapyServerError, located, shown

CONCRETE = [
    cls
    for cls in vars(errors).values()
    if isinstance(cls, type) and issubclass(cls, ScapyServerError) and cls is not ScapyServerError
]


@pytest.mark.parametrize("cls", CONCRETE)
def test_every_error_has_a_documented_code_and_a_title(cls: type[ScapyServerError]) -> None:
    assert cls.code in ErrorCode
    assert cls.title


def test_no_two_titles_share_a_code() -> None:
    titles = {(cls.code, cls.title) for cls in CONCRETE}
    assert len(titles) == len({code for code, _ in titles})


def test_places_stand_before_the_problem_outermost_first() -> None:
    with pytest.raises(RefusedError) as caught, located("packet 3"), located("layer 1 (IP)"):
        raise RefusedError("no", ("field ttl",))
    assert caught.value.where == ("packet 3", "layer 1 (IP)", "field ttl")
    assert caught.value.detail == "packet 3, layer 1 (IP), field ttl: no"
    assert str(caught.value) == "Scapy Server: packet 3, layer 1 (IP), field ttl: no"


def test_an_error_without_words_is_its_title() -> None:
    assert errors.MethodNotFound().message == "Method not found"


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), located("layer 1"):
        raise ZeroDivisionError


@given(st.text() | st.binary() | st.integers() | st.floats())
def test_values_are_quoted_in_at_most_so_many_characters(value: object) -> None:
    assert len(shown(value)) <= 60


def test_a_huge_number_is_counted_not_written() -> None:
    assert shown(1 << 9999) == "a number of 10000 bits"
