"""Methods, and calls of them in every form, by position and by name."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from scapy_server.rpc.method import Method, Parameter
from scapy_server.wording import JsonType

MODEL: list[Any] = [{"id": "Ether"}]
ARRAY, OBJECT, STRING, NULL = JsonType.ARRAY, JsonType.OBJECT, JsonType.STRING, JsonType.NULL


def method(name: str, *parameters: Parameter, **more: Any) -> Method:
    return Method(name, lambda core: None, "", "", parameters, **more)


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
supported = method("supported_methods", required("method_name", STRING))
shut_down = method("shut_down", ignores_params=True)

#: Parameters that fit, and the arguments that they are.
BOUND: list[tuple[Method, object, tuple[Any, ...]]] = [
    (tree, UNSET, ()),
    (tree, None, ()),
    (tree, [], ()),
    (tree, {}, ()),
    (build, [MODEL], (MODEL,)),
    (build, {"model": MODEL}, (MODEL,)),
    (build_ex, [MODEL], (MODEL, None)),
    (build_ex, [MODEL, {"a": 1}], (MODEL, {"a": 1})),
    (build_ex, [MODEL, None], (MODEL, None)),
    (build_ex, {"extra": {}, "model": MODEL}, (MODEL, {})),
    (build_ex, {"model": MODEL}, (MODEL, None)),
    (rebuild, ["AAAA"], ("AAAA", None)),
    (rebuild, ["AAAA", None], ("AAAA", None)),
    (rebuild, ["AAAA", MODEL], ("AAAA", MODEL)),
    (rebuild, {"pkt": "AAAA"}, ("AAAA", None)),
    (read, ["AAAA"], ("AAAA",)),
    (check, ["a", "b"], ("a", "b")),
    (check, {"field_md5": "b", "db_md5": "a"}, ("a", "b")),
    (template, [{"id": "TCP-SYN"}], ({"id": "TCP-SYN"},)),
    (template, ["TCP-SYN"], ("TCP-SYN",)),
    (template, {"id": "TCP-SYN"}, ("TCP-SYN",)),
    (define, [], (None,)),
    (define, [None], (None,)),
    (define, [[]], ([],)),
    (define, [["Ether", "TCP"]], (["Ether", "TCP"],)),
    (define, ["Ether", "TCP"], (["Ether", "TCP"],)),
    (define, ["Ether"], (["Ether"],)),
    (define, {"filter": None}, (None,)),
    (supported, ["all"], ("all",)),
    (shut_down, None, ()),
    (shut_down, [1, {}, "x"], ()),
    (shut_down, "now", ()),
]

#: Parameters that do not, and what is said of them.
INVALID: list[tuple[Method, object, str]] = [
    (tree, [1], "get_tree takes no parameters, 1 was given"),
    (tree, [None], "get_tree takes no parameters, 1 was given"),
    (tree, "abc", "params must be an array or an object, not a string"),
    (tree, 5, "params must be an array or an object, not a number"),
    (tree, False, "params must be an array or an object, not a boolean"),
    (build, [], "build_pkt takes 1 parameter: model, 0 were given"),
    (build, None, "build_pkt takes 1 parameter: model, 0 were given"),
    (build, [MODEL, MODEL], "2 were given"),
    (build, [{}], "model of build_pkt must be an array, not an object"),
    (build, [None], "model of build_pkt must be an array, not null"),
    (build, {}, 'build_pkt needs the parameter "model"'),
    (build, {"modle": MODEL}, 'did you mean "model"?'),
    (build, {"model": 1.5}, "model of build_pkt must be an array, not a number"),
    (build, {"model": MODEL, "x": 1}, "build_pkt has no parameter 'x'"),
    (build_ex, [MODEL, {}, {}], "model, extra (optional), 3 were given"),
    (build_ex, [MODEL, []], "extra of build_pkt_ex must be an object or null, not an array"),
    (rebuild, ["AAAA", 5], "model of reconstruct_pkt must be an array or null, not a number"),
    (rebuild, [None, "AAAA"], "pkt of reconstruct_pkt must be a string, not null"),
    (check, ["a"], "check_update takes 2 parameters: db_md5, field_md5, 1 was given"),
    (check, ["a", 1], "field_md5 of check_update must be a string, not a number"),
    (template, [5], "id of get_template must be an object or a string, not a number"),
    (define, [5], "filter of get_definitions must be an array or null, not a number"),
    (supported, [], "supported_methods takes 1 parameter: method_name, 0 were given"),
]
