"""Reading requests of any bytes, and writing replies."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server import limits
from scapy_server.errors import ErrorCode
from scapy_server.rpc.envelope import (
    NO_ID,
    Refusal,
    Request,
    failure,
    read_request,
    success,
    success_around,
)


def with_params(params: bytes) -> bytes:
    return b'{"jsonrpc":"2.0","id":7,"method":"m","params":' + params + b"}"


@pytest.mark.parametrize(
    "sent",
    [
        *(b'"1"', b"1", b"-0", b"1.50", b"1e3", b"null", b'""', b'"\\u0041\\n"', b"[1, 2]"),
        *(b"123456789012345678901234567890", b'{"a": [ ]}', '"\u00e4\U0001f600"'.encode()),
        b"9" * 5000,
    ],
)
def test_id_is_kept_as_sent(sent: bytes) -> None:
    request = read_request(b'{"jsonrpc":"2.0","id":' + sent + b',"method":"m"}')
    assert isinstance(request, Request)
    assert bytes(request.id) == sent
    assert success(request.id, 1) == b'{"jsonrpc":"2.0","id":' + sent + b',"result":1}'
    assert b"".join(success_around(request.id, b"1")) == success(request.id, 1)


def test_order_and_space_do_not_matter() -> None:
    request = read_request(b' {"params" : [ ] , "method" : "m" , "id" : 1 , "jsonrpc" : "2.0" }\n')
    assert isinstance(request, Request)
    assert (request.method, request.params) == ("m", [])


@pytest.mark.parametrize(
    ("message", "params"),
    [(b'{"jsonrpc":"2.0","id":1,"method":"m"}', msgspec.UNSET), (with_params(b"null"), None)],
)
def test_params_may_be_absent_or_null(message: bytes, params: object) -> None:
    request = read_request(message)
    assert isinstance(request, Request)
    assert request.params is params


PARSE_ERRORS = {
    "empty": b"",
    "blank": b" ",
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b"\xff\xfe",
    "not UTF-8 in a value": with_params(b'["\xff"]'),
    "not UTF-8 in the id": b'{"jsonrpc":"2.0","id":"\xff","method":"m"}',
    "encoded surrogate": with_params(b'["\xed\xa0\x80"]'),
    "escaped lone surrogate": with_params(rb'["\ud800"]'),
    "escaped lone low surrogate": with_params(rb'["a\udc00b"]'),
    "escaped lone surrogate in the id": rb'{"jsonrpc":"2.0","id":"\ud800x","method":"m"}',
    "UTF-16": '{"id":1}'.encode("utf-16"),
    "NaN": with_params(b"[NaN]"),
    "Infinity": with_params(b"[-Infinity]"),
    "cut": with_params(b"[1")[:-1],
    "cut batch": b"[1,",
    "trailing": b'{"jsonrpc":"2.0","id":7,"method":"m"} x',
    "two requests": b'{"jsonrpc":"2.0","id":7,"method":"m"}{}',
    "trailing comma": with_params(b"[1,]"),
    "single quotes": b"{'id': 1}",
    "leading zero": with_params(b"[01]"),
    "control character": with_params(b'["\x00"]'),
    "control character in the id": b'{"jsonrpc":"2.0","id":"\n","method":"m"}',
    "bad escape": with_params(rb'["\q"]'),
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("message", PARSE_ERRORS.values(), ids=PARSE_ERRORS.keys())
def test_what_is_not_json(message: bytes) -> None:
    refusal = read_request(message)
    assert isinstance(refusal, Refusal)
    assert refusal.error.code is ErrorCode.PARSE_ERROR
    assert refusal.id is NO_ID
    assert refusal.error.message.startswith("Parse Error: ")


@pytest.mark.parametrize("text", [rb'"\ud83d"', rb'"\\\udc00"'])
def test_half_surrogate_pairs_are_named(text: bytes) -> None:
    refusal = read_request(with_params(b"[" + text + b"]"))
    assert isinstance(refusal, Refusal)
    assert "surrogate pair" in refusal.error.message
    assert isinstance(read_request(with_params(rb'["\ud83d\ude00", "\\ud800"]')), Request)


NOT_REQUESTS = {
    "array": (b"[]", b"null", "batches are not supported"),
    "batch": (b'[{"jsonrpc":"2.0","id":1,"method":"m"}]', b"null", "batches are not supported"),
    "number": (b"3", b"null", "not a number"),
    "huge number": (b"1" * 5000, b"null", "not a number"),
    "string": (b'"ping"', b"null", "not a string"),
    "null": (b"null", b"null", "not null"),
    "empty object": (b"{}", b"null", '"id" is missing'),
    "no id": (b'{"jsonrpc":"2.0","method":"m"}', b"null", '"id" is missing'),
    "no method": (b'{"jsonrpc":"2.0","id":5}', b"5", '"method"'),
    "method no string": (b'{"jsonrpc":"2.0","id":"a","method":1}', b'"a"', '"method"'),
    "method null": (b'{"jsonrpc":"2.0","id":5,"method":null}', b"5", '"method"'),
    "no version": (b'{"id":5,"method":"m"}', b"5", '"jsonrpc"'),
    "other version": (b'{"jsonrpc":"1.0","id":5,"method":"m"}', b"5", '"jsonrpc"'),
    "version no string": (b'{"jsonrpc":2.0,"id":5,"method":"m"}', b"5", '"jsonrpc"'),
    "misspelt": (b'{"jsonrpc":"2.0","id":5,"method":"m","parms":[]}', b"5", "'parms'"),
    "method out of range": (b'{"jsonrpc":"2.0","id":5,"method":1e999}', b"5", "out of range"),
}


@pytest.mark.parametrize(("message", "sent", "said"), NOT_REQUESTS.values(), ids=NOT_REQUESTS)
def test_what_is_no_request(message: bytes, sent: bytes, said: str) -> None:
    refusal = read_request(message)
    assert isinstance(refusal, Refusal)
    assert refusal.error.code is ErrorCode.INVALID_REQUEST
    assert bytes(refusal.id) == sent
    assert said in refusal.error.message


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" * 5000])
def test_numbers_out_of_range_are_invalid_params(number: bytes) -> None:
    refusal = read_request(with_params(b"[" + number + b"]"))
    assert isinstance(refusal, Refusal)
    assert refusal.error.code is ErrorCode.INVALID_PARAMS
    assert bytes(refusal.id) == b"7"


def test_a_number_out_of_range_is_placed() -> None:
    model = b'[[{"id":"Ether"},{"id":"IP","fields":[{"value":1e400,"id":"ttl"}]}]]'
    refusal = read_request(with_params(model))
    assert isinstance(refusal, Refusal)
    assert refusal.error.message.endswith(
        "Invalid params: 'IP': 'ttl': '1e400' is out of range for a number"
    )


def test_duplicate_members_count_once() -> None:
    request = read_request(b'{"jsonrpc":"2.0","id":1,"id":2,"method":"a","method":"b"}')
    assert isinstance(request, Request)
    assert (bytes(request.id), request.method) == (b"2", "b")


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + b"1" + closing * depth


def test_depth_is_bounded() -> None:
    at_the_bound = read_request(with_params(nested(limits.JSON_DEPTH)))
    assert isinstance(at_the_bound, Request)
    for depth in (limits.JSON_DEPTH + 1, 300):
        refusal = read_request(with_params(nested(depth, b'{"a":', b"}")))
        assert isinstance(refusal, Refusal)
        assert refusal.error.code is ErrorCode.SERVER_ERROR
        assert bytes(refusal.id) == b"7"
        assert "nesting" in refusal.error.message


@pytest.mark.parametrize("depth", [5_000, 1_000_000])
def test_absurd_depth_is_answered(depth: int) -> None:
    for message in (with_params(nested(depth)), nested(depth), nested(depth, b'{"id":', b"}")):
        refusal = read_request(message)
        assert isinstance(refusal, Refusal)
        assert refusal.error.code in (ErrorCode.SERVER_ERROR, ErrorCode.INVALID_REQUEST)


def test_many_brackets_side_by_side_are_not_depth() -> None:
    request = read_request(with_params(b"[" + b"[]," * 1000 + b"{}]"))
    assert isinstance(request, Request)


@pytest.mark.parametrize("last", [b"1", b'"' + b"x" * 100_000 + b'"'])
def test_number_of_values_is_bounded(last: bytes) -> None:
    # Five brackets and commas stand outside the repeated ones.
    values = limits.JSON_VALUES - 5
    assert isinstance(read_request(with_params(b"[" + b"1," * values + last + b"]")), Request)
    refusal = read_request(with_params(b"[" + b"1," * (values + 1) + last + b"]"))
    assert isinstance(refusal, Refusal)
    assert refusal.error.code is ErrorCode.SERVER_ERROR


def test_depth_beside_a_long_text_is_bounded() -> None:
    beside = b'["' + b"x" * 100_000 + b'",%s]'
    assert isinstance(read_request(with_params(beside % nested(limits.JSON_DEPTH - 1))), Request)
    assert isinstance(read_request(with_params(beside % nested(limits.JSON_DEPTH))), Refusal)


def test_size_is_bounded() -> None:
    frame = len(with_params(b'[""]'))
    fitting = with_params(b'["' + b"x" * (limits.MESSAGE_BYTES - frame) + b'"]')
    assert len(fitting) == limits.MESSAGE_BYTES
    assert isinstance(read_request(fitting), Request)
    refusal = read_request(fitting + b" ")
    assert isinstance(refusal, Refusal)
    assert refusal.error.code is ErrorCode.SERVER_ERROR


@given(st.binary())
def test_any_bytes_are_read(message: bytes) -> None:
    assert isinstance(read_request(message), Request | Refusal)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params", "x"]), json_values))
def test_any_object_is_read_and_its_id_found(members: dict[str, object]) -> None:
    request = read_request(json.dumps(members).encode())
    assert msgspec.json.decode(request.id) == members.get("id")


def test_failure_has_no_result_and_success_no_error() -> None:
    assert success(NO_ID, {}) == b'{"jsonrpc":"2.0","id":null,"result":{}}'
    assert failure(NO_ID, ErrorCode.PARSE_ERROR, "Parse Error") == (
        b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse Error"}}'
    )


def test_failure_takes_any_text() -> None:
    reply = json.loads(failure(NO_ID, ErrorCode.SERVER_ERROR, "half \ud800 \x00"))
    assert reply["error"]["message"] == "half \\ud800 \x00"
