"""How the packet editor writes calls: with the version handler, and in the first version."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from scapy_server.errors import ErrorCode, InvalidParams, ScapyServerError
from scapy_server.rpc.binding import bind
from scapy_server.rpc.method import Parameter
from scapy_server.services.packets.dialects import FirstVersion, OldCall, VersionHandler
from scapy_server.services.packets.method import Method
from scapy_server.wording import JsonType

H = "gCpT7kGF+TG7Jmm90XmxdQ=="
MODEL: list[Any] = [{"id": "Ether"}]
ARRAY, OBJECT, STRING, NULL = JsonType.ARRAY, JsonType.OBJECT, JsonType.STRING, JsonType.NULL


def method(name: str, *parameters: Parameter, versioned: bool = True, **more: Any) -> Method:
    return Method(name, lambda core: None, "", "", parameters, versioned=versioned, **more)


def required(name: str, *types: JsonType) -> Parameter:
    return Parameter(name, types, "")


def optional(name: str, *types: JsonType) -> Parameter:
    return Parameter(name, types, "", required=False)


tree = method("get_tree")
build = method("build_pkt", required("model", ARRAY))
build_ex = method("build_pkt_ex", required("model", ARRAY), optional("extra", OBJECT, NULL))
rebuild = method("reconstruct_pkt", required("pkt", STRING), optional("model", ARRAY, NULL))
read = method("read_pcap", required("pcap", STRING))
check = method("check_update", required("db_md5", STRING), required("field_md5", STRING))
template = method("get_template", required("id", OBJECT, STRING))
define = method("get_definitions", optional("filter", ARRAY, NULL), spreads=True)
supported = method("supported_methods", required("method_name", STRING), versioned=False)
shut_down = method("shut_down", versioned=False, ignores_params=True)


def arguments_of(called: Method, params: object) -> tuple[Any, ...]:
    """As the service binds them."""
    versioned = frozenset({called.name} if called.versioned else ())
    call = VersionHandler(H, versioned).call(called, params)
    return bind(called, params) if call is None else call.arguments


BOUND: list[tuple[Method, object, tuple[Any, ...]]] = [
    (tree, UNSET, ()),
    (tree, None, ()),
    (tree, [], ()),
    (tree, {}, ()),
    (tree, [H], ()),
    (build, [MODEL], (MODEL,)),
    (build, [H, MODEL], (MODEL,)),
    (build, {"model": MODEL}, (MODEL,)),
    (build_ex, [MODEL], (MODEL, None)),
    (build_ex, [MODEL, {"a": 1}], (MODEL, {"a": 1})),
    (build_ex, [MODEL, None], (MODEL, None)),
    (build_ex, [H, MODEL], (MODEL, None)),
    (build_ex, [H, MODEL, {}], (MODEL, {})),
    (build_ex, {"extra": {}, "model": MODEL}, (MODEL, {})),
    (build_ex, {"model": MODEL}, (MODEL, None)),
    (rebuild, ["AAAA"], ("AAAA", None)),
    (rebuild, ["AAAA", None], ("AAAA", None)),
    (rebuild, ["AAAA", MODEL], ("AAAA", MODEL)),
    (rebuild, [H, "AAAA"], ("AAAA", None)),
    (rebuild, [H, "AAAA", MODEL], ("AAAA", MODEL)),
    (rebuild, {"pkt": "AAAA"}, ("AAAA", None)),
    (read, ["AAAA"], ("AAAA",)),
    (read, [H, "AAAA"], ("AAAA",)),
    (check, ["a", "b"], ("a", "b")),
    (check, [H, "a", "b"], ("a", "b")),
    (check, {"field_md5": "b", "db_md5": "a"}, ("a", "b")),
    (template, [{"id": "TCP-SYN"}], ({"id": "TCP-SYN"},)),
    (template, ["TCP-SYN"], ("TCP-SYN",)),
    (template, [H, {"id": "TCP-SYN"}], ({"id": "TCP-SYN"},)),
    (template, [H, "TCP-SYN"], ("TCP-SYN",)),
    (template, {"id": "TCP-SYN"}, ("TCP-SYN",)),
    (define, [], (None,)),
    (define, [H], (None,)),
    (define, [None], (None,)),
    (define, [H, None], (None,)),
    (define, [[]], ([],)),
    (define, [["Ether", "TCP"]], (["Ether", "TCP"],)),
    (define, [H, ["Ether", "TCP"]], (["Ether", "TCP"],)),
    (define, ["Ether", "TCP"], (["Ether", "TCP"],)),
    (define, ["Ether"], (["Ether"],)),
    (define, [H, "Ether", "TCP"], (["Ether", "TCP"],)),
    (define, {"filter": None}, (None,)),
    (supported, ["all"], ("all",)),
    (supported, [H], (H,)),
    (shut_down, None, ()),
    (shut_down, [1, {}, "x"], ()),
    (shut_down, "now", ()),
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
    (tree, [1], "get_tree takes no parameters, 1 was given"),
    (tree, [H, 1], "get_tree takes no parameters, 1 was given"),
    (tree, [None], "get_tree takes no parameters, 1 was given"),
    (tree, {H: 1}, "get_tree takes no parameters"),
    (tree, "abc", "params must be an array or an object, not a string"),
    (tree, 5, "params must be an array or an object, not a number"),
    (tree, False, "params must be an array or an object, not a boolean"),
    (build, [], "build_pkt takes 1 parameter: model, 0 were given"),
    (build, None, "build_pkt takes 1 parameter: model, 0 were given"),
    (build, [H], "build_pkt takes 1 parameter: model, 0 were given"),
    (build, [MODEL, MODEL], "2 were given"),
    (build, [{}], "model of build_pkt must be an array, not an object"),
    (build, [None], "model of build_pkt must be an array, not null"),
    (build, [H, True], "model of build_pkt must be an array, not a boolean"),
    (build, {}, 'build_pkt needs the parameter "model"'),
    (build, {"modle": MODEL}, 'did you mean "model"?'),
    (build, {"model": 1.5}, "model of build_pkt must be an array, not a number"),
    (build, {"model": MODEL, "x": 1}, "build_pkt has no parameter 'x'"),
    (build_ex, [MODEL, {}, {}], "model, extra (optional), 3 were given"),
    (build_ex, [MODEL, []], "extra of build_pkt_ex must be an object or null, not an array"),
    (rebuild, ["AAAA", 5], "model of reconstruct_pkt must be an array or null, not a number"),
    (rebuild, [None, "AAAA"], "pkt of reconstruct_pkt must be a string, not null"),
    (rebuild, [H], "0 were given"),
    (check, ["a"], "check_update takes 2 parameters: db_md5, field_md5, 1 was given"),
    (check, ["a", 1], "field_md5 of check_update must be a string, not a number"),
    (template, [5], "id of get_template must be an object or a string, not a number"),
    (define, [5], "filter of get_definitions must be an array or null, not a number"),
    (supported, [], "supported_methods takes 1 parameter: method_name, 0 were given"),
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
