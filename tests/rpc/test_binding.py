"""Parameters by position and by name."""

from __future__ import annotations

from typing import Any

import pytest

from scapy_server.errors import InvalidParams
from scapy_server.rpc.binding import bind, positional_problem
from scapy_server.rpc.method import Method
from tests.rpc.calls import BOUND, INVALID, MODEL, build, define


@pytest.mark.parametrize(("called", "params", "arguments"), BOUND)
def test_forms(called: Method, params: object, arguments: tuple[Any, ...]) -> None:
    assert bind(called, params) == arguments


@pytest.mark.parametrize(("called", "params", "said"), INVALID)
def test_what_does_not_fit(called: Method, params: object, said: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        bind(called, params)
    assert caught.value.message.startswith("Invalid params: ")
    assert said in caught.value.message


def test_long_names_are_cut() -> None:
    with pytest.raises(InvalidParams) as caught:
        bind(build, {"x" * 100_000: 1})
    assert len(caught.value.message) < 300


def test_a_problem_is_told_without_binding() -> None:
    assert positional_problem(build, [MODEL]) is None
    assert positional_problem(define, ["Ether", "TCP"]) is None
    assert positional_problem(build, []) == "build_pkt takes 1 parameter: model, 0 were given"
