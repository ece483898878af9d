"""How the packet editor writes calls: with the version handler, and in the first version."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from scapy_server.errors import ErrorCode, InvalidParams, ScapyServerError
from scapy_server.rpc.binding import bind
from scapy_server.rpc.method import Method
from scapy_server.services.packets.dialects import FirstVersion, OldCall, VersionHandler
from tests.rpc import calls
from tests.rpc.calls import (
    ARRAY,
    MODEL,
    NULL,
    OBJECT,
    STRING,
    build,
    build_ex,
    check,
    define,
    method,
    read,
    rebuild,
    required,
    supported,
    template,
    tree,
)

H = "gCpT7kGF+TG7Jmm90XmxdQ=="
#: The methods of which the first parameter may be the handler.
VERSIONED = {method.name for method, *_ in calls.BOUND} - {"supported_methods", "shut_down"}


def arguments_of(called: Method, params: object) -> tuple[Any, ...]:
    """As the service binds them."""
    call = VersionHandler(H, frozenset(VERSIONED)).call(called, params)
    return bind(called, params) if call is None else call.arguments


BOUND: list[tuple[Method, object, tuple[Any, ...]]] = [
    *calls.BOUND,
    (tree, [H], ()),
    (build, [H, MODEL], (MODEL,)),
    (build_ex, [H, MODEL], (MODEL, None)),
    (build_ex, [H, MODEL, {}], (MODEL, {})),
    (rebuild, [H, "AAAA"], ("AAAA", None)),
    (rebuild, [H, "AAAA", MODEL], ("AAAA", MODEL)),
    (read, [H, "AAAA"], ("AAAA",)),
    (check, [H, "a", "b"], ("a", "b")),
    (template, [H, {"id": "TCP-SYN"}], ({"id": "TCP-SYN"},)),
    (template, [H, "TCP-SYN"], ("TCP-SYN",)),
    (define, [H], (None,)),
    (define, [H, None], (None,)),
    (define, [H, ["Ether", "TCP"]], (["Ether", "TCP"],)),
    (define, [H, "Ether", "TCP"], (["Ether", "TCP"],)),
    (supported, [H], (H,)),
]


@pytest.mark.parametrize(("called", "params", "arguments"), BOUND)
def test_forms(called: Method, params: object, arguments: tuple[Any, ...]) -> None:
    assert arguments_of(called, params) == arguments


WRONG_HANDLERS: list[tuple[Method, list[Any]]] = [
    (tree, ["bad"]),
    (tree, [""]),
    (build, ["bad"]),
    (build, ["bad", MODEL]),
    (build_ex, ["bad", MODEL]),
    (build_ex, ["bad", MODEL, {}]),
    (rebuild, ["bad", "AAAA"]),
    (rebuild, ["bad", "AAAA", []]),
    (read, ["bad", "AAAA"]),
    (check, ["bad", "a", "b"]),
    (template, ["bad", {"id": "TCP-SYN"}]),
    (define, ["bad", None]),
    (define, ["bad", ["Ether"]]),
]


@pytest.mark.parametrize(("called", "params"), WRONG_HANDLERS)
def test_another_handler_is_refused(called: Method, params: list[Any]) -> None:
    with pytest.raises(ScapyServerError) as caught:
        arguments_of(called, params)
    assert caught.value.code is ErrorCode.SERVER_ERROR
    assert "version handler " in caught.value.message
    assert "does not match" in caught.value.message


def test_a_string_that_is_no_handler_is_looked_at_as_a_parameter() -> None:
    with pytest.raises(ScapyServerError) as caught:
        arguments_of(build, ["Ether()/IP()"])
    assert caught.value.detail == (
        "model of build_pkt must be an array, not a string; "
        "and as a version handler 'Ether()/IP()' does not match"
    )


INVALID: list[tuple[Method, object, str]] = [
    *calls.INVALID,
    (tree, [H, 1], "get_tree takes no parameters, 1 was given"),
    (tree, {H: 1}, "get_tree takes no parameters"),
    (build, [H], "build_pkt takes 1 parameter: model, 0 were given"),
    (build, [H, True], "model of build_pkt must be an array, not a boolean"),
    (rebuild, [H], "0 were given"),
]


@pytest.mark.parametrize(("called", "params", "said"), INVALID)
def test_what_does_not_fit(called: Method, params: object, said: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        arguments_of(called, params)
    assert caught.value.message.startswith("Invalid params: ")
    assert said in caught.value.message


def test_long_names_are_cut() -> None:
    with pytest.raises(InvalidParams) as caught:
        arguments_of(build, {"x" * 100_000: 1})
    assert len(caught.value.message) < 300


def nothing(core: object) -> None:
    pass


old_build = method("build_pkt", required("m", ARRAY))
old_check = method("check")
first_version = FirstVersion(
    {
        "get_tree": OldCall(nothing, NULL),
        "build_pkt": OldCall(nothing, STRING),
        "check": OldCall(nothing, OBJECT, ("dbMD5", "fieldMD5")),
    }
)

DIALECTS: list[tuple[Method, object, tuple[Any, ...] | None]] = [
    (tree, None, ()),
    (tree, UNSET, None),
    (tree, [], None),
    (tree, [None], None),
    (tree, "x", None),
    (tree, {}, None),
    (old_build, "IP()", ("IP()",)),
    (old_build, "", ("",)),
    (old_build, ["IP()"], None),
    (old_build, None, None),
    (old_build, 5, None),
    (old_check, {"fieldMD5": "f", "dbMD5": "d"}, ("d", "f")),
    (old_check, {"db_md5": "d", "field_md5": "f"}, None),
    (old_check, {}, None),
    (old_check, None, None),
    (define, None, None),
    (read, "IP()", None),
]


@pytest.mark.parametrize(("called", "params", "arguments"), DIALECTS)
def test_the_first_version_is_known_by_its_params(
    called: Method, params: object, arguments: tuple[Any, ...] | None
) -> None:
    call = first_version.call(called, params)
    assert (None if call is None else call.arguments) == arguments


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"dbMD5": "d"}, 'check needs the parameter "fieldMD5", a string'),
        ({"dbMD5": "d", "fieldMD5": None}, 'check needs the parameter "fieldMD5", a string'),
        ({"dbMD5": "d", "fieldMD5": "f", "x": 1}, "check takes dbMD5, fieldMD5, not 'x'"),
    ],
)
def test_a_call_of_the_first_version_that_does_not_fit(params: object, said: str) -> None:
    with pytest.raises(InvalidParams, match=said):
        first_version.call(old_check, params)
