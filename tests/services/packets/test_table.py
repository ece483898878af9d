"""The table as a whole: what is listed, and that no input gets past the documented errors."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scapy_server.errors import ErrorCode
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import METHODS
from scapy_server.wording import JsonType
from tests.services.packets.calling import HANDLER, call, error, reply_to

LISTED = {
    "supported_methods": ["method_name"],
    "describe_method": ["method_name"],
    "rpc.discover": [],
    "get_version": [],
    "get_version_handler": ["client_v_major", "client_v_minor"],
    "ping": [],
    "server_status": [],
    "shut_down": [],
    "get_all": [],
    "check_update": ["db_md5", "field_md5"],
    "check_update_of_dbs": ["db_md5", "fields_md5"],
    "get_tree": [],
    "get_definitions": ["def_filter"],
    "get_payload_classes": ["pkt_model_descriptor"],
    "build_pkt": ["pkt_descriptor", "link_type"],
    "build_pkts": ["pkt_descriptors"],
    "build_pkt_ex": ["pkt_descriptor", "extra_options"],
    "reconstruct_pkt": ["binary_pkt", "model_descriptor", "link_type"],
    "explain_program": ["pkt_descriptor", "extra_options"],
    "decompile_vm_raw": ["pkt_binary", "vm_raw", "names"],
    "load_instruction_parameter_values": [
        "pkt_model_descriptor",
        "vm_instructions_model",
        "parameter_id",
    ],
    "render_packets": ["source", "program", "options"],
    "render_profile": ["requests", "options"],
    "read_pcap": ["pcap_base64", "options"],
    "write_pcap": ["packets_base64", "link_type"],
    "get_templates": [],
    "get_template": ["id"],
    "read_expression": ["expression"],
    "write_expression": ["binary_pkt", "first_layer"],
    "get_all_pkt_offsets": ["expression"],
}


@pytest.mark.parametrize("params", [["all"], {"method_name": "all"}])
def test_supported_methods(dispatcher: Dispatcher, params: Any) -> None:
    assert call(dispatcher, "supported_methods", params) == {
        name: [len(parameters), parameters] for name, parameters in LISTED.items()
    }


def test_one_supported_method(dispatcher: Dispatcher) -> None:
    for name in LISTED:
        assert call(dispatcher, "supported_methods", [name]) is True
    for name in ("nope", "", "ALL", "__init__", "get_pkt", "x" * 10_000):
        assert call(dispatcher, "supported_methods", [name]) is False


@pytest.mark.parametrize("params", [None, [], [1], ["all", "all"], {"name": "all"}])
def test_supported_methods_takes_a_name(dispatcher: Dispatcher, params: Any) -> None:
    assert error(dispatcher, "supported_methods", params)[0] == -32603


def test_methods_are_described() -> None:
    assert len({method.name for method in METHODS}) == len(METHODS)
    for method in METHODS:
        assert method.summary.endswith("."), method.name
        assert method.result, method.name
        required = [parameter.required for parameter in method.parameters]
        assert required == sorted(required, reverse=True), method.name
        for parameter in method.parameters:
            assert parameter.help, (method.name, parameter.name)
            assert parameter.types, (method.name, parameter.name)


JSON_SAMPLES: dict[JsonType, object] = {
    JsonType.NULL: None,
    JsonType.BOOLEAN: True,
    JsonType.NUMBER: 1,
    JsonType.STRING: "text",
    JsonType.ARRAY: [],
    JsonType.OBJECT: {},
}
TYPED = [(method, parameter) for method in METHODS for parameter in method.parameters]


@pytest.mark.parametrize(
    ("method", "parameter"), TYPED, ids=[f"{m.name}-{p.name}" for m, p in TYPED]
)
def test_each_parameter_refuses_the_other_json_types(
    dispatcher: Dispatcher, method: Any, parameter: Any
) -> None:
    for json_type, sample in JSON_SAMPLES.items():
        if json_type in parameter.types or (json_type is JsonType.NULL and not parameter.required):
            continue
        named = {other.name: JSON_SAMPLES[other.types[0]] for other in method.parameters} | {
            parameter.name: sample
        }
        reply = reply_to(dispatcher, method.name, named)
        assert reply["error"]["code"] == -32603
        assert f"{parameter.name} of {method.name} must be " in reply["error"]["message"]


def test_every_method_refuses_one_parameter_too_many(dispatcher: Dispatcher) -> None:
    for method in METHODS:
        if not method.ignores_params:
            params = [JSON_SAMPLES[parameter.types[0]] for parameter in method.parameters]
            front: list[object] = [HANDLER] if method.versioned else []
            code, message = error(dispatcher, method.name, [*front, *params, 1])
            assert code == -32603
            assert " were given" in message or " was given" in message


# Requests as a confused client might write them: the right members, layers and fields, with
# parts replaced, dropped, repeated or damaged.

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["0x10", "-1", "1.2.3.4", "300.1.1.1", "::1", "aa:bb:cc:dd:ee:ff", "IPv4"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "value", "vtype", "fields", "expr"]), inner)
    ),
    max_leaves=6,
)
small_sizes = st.integers(-2, 40) | st.sampled_from(["12", "x", None, 1 << 20, (1 << 20) + 1, 1e3])
base64_text = st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode()) | st.text(
    "AB=+/-_ \n", max_size=8
)
expressions = st.sampled_from(
    [
        "[('MSS', 1460), ('NOP', None)]",
        "[IPOption_RR(routers=['1.2.3.4'])]",
        "DNSQR(qname='example.com')",
        "Ether()/IP()/TCP(sport=80)",
        "[('message-type', 'discover'), 'end']",
        "__import__('os').getpid()",
        "exit()",
        "TCPOptions()",
        "1 << 100000",
        "b'a' * 10",
        "'",
        "(" * 100,
        "",
    ]
)
values = (
    anything
    | st.builds(lambda seed: {"vtype": "RANDOM", "seed": seed}, small_sizes)
    | st.sampled_from([{"vtype": "UNDEFINED"}, {"vtype": "RANDOM"}, {"vtype": "NOPE"}])
    | st.builds(lambda data: {"vtype": "MACHINE", "base64": data}, base64_text)
    | st.builds(lambda data: {"vtype": "BYTES", "base64": data}, base64_text)
    | st.builds(lambda text: {"vtype": "EXPRESSION", "expr": text}, expressions)
    | st.builds(lambda value: {"vtype": "OBJECT", "value": value}, anything)
    | st.builds(
        lambda generate, size, total: {
            "vtype": "BYTES",
            "generate": generate,
            "template_base64": "QUJD",
            "template_code": "0x41 42",
            **({"total_size": size} if total else {"size": size}),
        },
        st.sampled_from(["random_bytes", "random_ascii", "template", "template_code", "x"]),
        small_sizes,
        st.booleans(),
    )
)
COMMON = ["Ether", "Dot1Q", "IP", "IPv6", "TCP", "UDP", "ICMP", "ARP", "DNS", "Raw", "Nope"]
FIELDS = ["src", "dst", "type", "options", "flags", "ttl", "len", "load", "qd", "chksum", "nope"]


@st.composite
def models(draw: st.DrawFn, layer_ids: tuple[str, ...]) -> list[Any]:
    layer_id = st.sampled_from(COMMON) | st.sampled_from(layer_ids)
    field = st.fixed_dictionaries({"id": st.sampled_from(FIELDS), "value": values})
    layer = st.fixed_dictionaries(
        {"id": layer_id},
        optional={"fields": st.lists(field, max_size=3), "delete": st.booleans()},
    )
    return draw(st.lists(layer | anything, min_size=1, max_size=5))


@st.composite
def requests(draw: st.DrawFn, layer_ids: tuple[str, ...]) -> dict[str, Any]:
    method = draw(st.sampled_from(METHODS))
    by_type: dict[JsonType, st.SearchStrategy[Any]] = {
        JsonType.ARRAY: models(layer_ids) | st.lists(base64_text, max_size=3),
        JsonType.STRING: base64_text | st.sampled_from(["TCP-SYN", HANDLER, "all"]),
        JsonType.OBJECT: st.just({"id": "TCP-SYN"}) | st.dictionaries(st.text(), anything),
        JsonType.NUMBER: st.integers(-1, 300),
        JsonType.BOOLEAN: st.booleans(),
        JsonType.NULL: st.none(),
    }
    own = [
        draw(st.one_of(*(by_type[json_type] for json_type in parameter.types)))
        for parameter in method.parameters
    ]
    form = draw(st.sampled_from(["documented", "GUI", "named", "anything"]))
    params: Any = {
        "documented": own,
        "GUI": [HANDLER, *own],
        "named": dict(zip(method.names, own, strict=True)),
        "anything": None,
    }[form]
    if form == "anything":
        params = draw(anything)
    request = {"jsonrpc": "2.0", "id": draw(anything), "method": method.name, "params": params}
    if draw(st.integers(0, 9)) == 0:
        request[draw(st.sampled_from(["jsonrpc", "method", "x"]))] = draw(anything)
    return request


@st.composite
def damaged(draw: st.DrawFn, message: bytes) -> bytes:
    """The message with a slice of it removed, repeated or replaced."""
    start = draw(st.integers(0, len(message)))
    end = draw(st.integers(start, min(len(message), start + 10)))
    middle = draw(st.sampled_from([b"", message[start:end] * 2]) | st.binary(max_size=5))
    return message[:start] + middle + message[end:]


def check(dispatcher: Dispatcher, message: bytes) -> None:
    reply = dispatcher.handle(message)
    assert reply.bug is None, reply.bug
    decoded = json.loads(reply.data.decode())
    assert decoded["jsonrpc"] == "2.0"
    assert decoded.keys() - {"jsonrpc", "id"} in ({"result"}, {"error"})
    if "error" in decoded:
        assert decoded["error"].keys() == {"code", "message"}
        code = ErrorCode(decoded["error"]["code"])
        assert code is not ErrorCode.UNKNOWN_ERROR
        assert code is reply.error
        assert decoded["error"]["message"]


relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@relaxed
@given(data=st.data())
def test_mutated_requests_get_documented_answers(
    core: Core, dispatcher: Dispatcher, data: st.DataObject
) -> None:
    layer_ids = tuple(layer.id for layer in core.registry)
    request = data.draw(requests(layer_ids))
    message = json.dumps(request).encode()
    for _ in range(data.draw(st.sampled_from([0, 0, 0, 1, 2]))):
        message = data.draw(damaged(message))
    check(dispatcher, message)


@relaxed
@given(st.binary(max_size=200))
def test_any_bytes_get_documented_answers(dispatcher: Dispatcher, message: bytes) -> None:
    check(dispatcher, message)


def test_every_method_is_described(dispatcher: Dispatcher) -> None:
    for method in METHODS:
        described = call(dispatcher, "describe_method", [method.name])
        assert described["name"] == method.name
        assert described["summary"].endswith(".")
        assert [each["name"] for each in described["parameters"]] == method.names
        assert all(each["types"] and each["help"] for each in described["parameters"])
        assert described["result"]
    code, message = error(dispatcher, "describe_method", ["build_pkg"])
    assert code == -32098
    assert "there is no method 'build_pkg'; did you mean \"build_pkt\"?" in message
