"""From request bytes to reply bytes, whatever a method does."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import pytest

from scapy_server import limits
from scapy_server.errors import ErrorCode, ExpressionSyntaxError, MethodNotFound, RefusedError
from scapy_server.rpc.dialect import Call
from scapy_server.rpc.dispatcher import BATCH, Dispatcher
from scapy_server.rpc.method import Method, Parameter
from scapy_server.wording import JsonType

TEXT = Parameter("text", (JsonType.STRING,), "")


def refuse(context: str) -> NoReturn:
    raise RefusedError("it cannot be", where=("layer 1 (IP)", "field ttl"))


def misread(context: str) -> NoReturn:
    raise ExpressionSyntaxError("invalid syntax")


def fail(context: str) -> NoReturn:
    raise KeyError("a secret of ours")


def recurse(context: str) -> object:
    return recurse(context)


METHODS = (
    Method("echo", lambda context, text: [context, text], "", "", (TEXT,)),
    Method("refuse", refuse, "", ""),
    Method("misread", misread, "", ""),
    Method("fail", fail, "", ""),
    Method("recurse", recurse, "", ""),
    Method("unspeakable", lambda context: object(), "", ""),
    Method("half", lambda context: "\ud800", "", ""),
    Method("end", lambda context: "bye", "", "", ignores_params=True, ends_service=True),
)
dispatcher = Dispatcher(METHODS, "context")


def request(method: object, **more: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": "1", "method": method, **more}).encode()


def test_success() -> None:
    reply = dispatcher.handle(request("echo", params=["hello"]))
    assert reply.data == b'{"jsonrpc":"2.0","id":"1","result":["context","hello"]}'
    assert (reply.method, reply.error, reply.shut_down, reply.bug) == ("echo", None, False, None)


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        (b"", -32700, "Parse Error: the message is empty"),
        (b"{}", -32600, 'Invalid Request: the member "id" is missing'),
        (request("nope"), -32601, "Method not found"),
        (request("__init__", params=[]), -32601, "Method not found"),
        (request("_call"), -32601, "Method not found"),
        (request(""), -32601, "Method not found"),
        (request("echo"), -32603, "Invalid params: echo takes 1 parameter: text, 0 were given"),
        (request("misread"), -32097, "Syntax Error: invalid syntax"),
        (request("refuse"), -32098, "Scapy Server: layer 1 (IP), field ttl: it cannot be"),
    ],
)
def test_errors(message: bytes, code: int, text: str) -> None:
    reply = dispatcher.handle(message)
    decoded = json.loads(reply.data)
    assert decoded.keys() == {"jsonrpc", "id", "error"}
    assert decoded["id"] == ("1" if b'"1"' in message else None)
    assert decoded["error"] == {"code": code, "message": text}
    assert reply.error == code
    assert not reply.shut_down
    assert reply.bug is None


@pytest.mark.parametrize("method", ["fail", "recurse", "unspeakable", "half"])
def test_a_bug_is_answered_and_told_apart(method: str) -> None:
    reply = dispatcher.handle(request(method))
    assert json.loads(reply.data) == {
        "jsonrpc": "2.0",
        "id": "1",
        "error": {"code": -32096, "message": "Scapy Server: Unknown Error"},
    }
    assert reply.error is ErrorCode.UNKNOWN_ERROR
    assert reply.bug is not None
    assert "Traceback" in reply.bug


def test_only_success_ends_the_service() -> None:
    assert dispatcher.handle(request("end", params=["whatever"])).shut_down
    assert not dispatcher.handle(b'{"jsonrpc":"2.0","method":"end"}').shut_down


def test_calls_without_the_wire() -> None:
    assert dispatcher.call("echo", ["x"]) == ["context", "x"]
    assert dispatcher.call("echo", {"text": "x"}) == ["context", "x"]
    with pytest.raises(MethodNotFound):
        dispatcher.call("nope")


class Shouted:
    """A dialect of bare strings, which runs `echo` with them in capitals."""

    def call(self, method: Method, params: object) -> Call | None:
        if not isinstance(params, str):
            return None
        if params.isupper():
            raise RefusedError("no need to shout")
        return Call(method.function, (params.upper(),))


def test_a_dialect_is_asked_first() -> None:
    speaking = Dispatcher(METHODS, "context", (Shouted(),))
    assert speaking.call("echo", "x") == ["context", "X"]
    assert speaking.call("echo", ["x"]) == ["context", "x"]
    with pytest.raises(RefusedError, match="no need to shout"):
        speaking.call("echo", "X")


batches = Dispatcher(METHODS, "context", batches=True)


def test_a_batch_is_answered_in_order() -> None:
    sent = [request("echo", params=["a"]), request("nope"), b"5", request("fail"), b"[]"]
    reply = batches.handle(b" [" + b", ".join(sent) + b"]\n")
    answers = json.loads(reply.data)
    assert answers[0] == {"jsonrpc": "2.0", "id": "1", "result": ["context", "a"]}
    codes = [answer["error"]["code"] for answer in answers[1:]]
    assert codes == [-32601, -32600, -32096, -32600]
    assert (reply.method, reply.shut_down) == (BATCH, False)
    assert reply.bug is not None


def test_a_batch_may_end_the_service() -> None:
    assert batches.handle(b"[" + request("end") + b"," + request("echo") + b"]").shut_down


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"[]", -32600),
        (b"[1", -32700),
        (b"[" * 5000 + b"]" * 5000, -32098),
        (b"[" + b",".join([b"1"] * (limits.BATCH_REQUESTS + 1)) + b"]", -32098),
        (b"[\xff]", -32700),
    ],
)
def test_a_batch_that_is_none(message: bytes, code: int) -> None:
    assert json.loads(batches.handle(message).data)["error"]["code"] == code


def test_the_largest_batch() -> None:
    message = b"[" + b",".join([b"1"] * limits.BATCH_REQUESTS) + b"]"
    assert len(json.loads(batches.handle(message).data)) == limits.BATCH_REQUESTS


def test_without_batches_an_array_is_no_request() -> None:
    reply = json.loads(dispatcher.handle(b"[" + request("echo") + b"]").data)
    assert reply["error"]["code"] == -32600
    assert "batches are not supported here" in reply["error"]["message"]


def test_the_methods_can_be_asked_for() -> None:
    assert [method.name for method in dispatcher.methods][:2] == ["echo", "refuse"]
    assert dispatcher.knows("echo")
    assert not dispatcher.knows("nope")
