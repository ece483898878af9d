"""What the original server did wrong, numbered as in docs/wire.md, "Defects not repeated".

Each request goes over a real socket to a server with all methods: D01 to D06 and D10 to
D17, those that lie between the socket and the domain.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq

from tests.running import PATIENCE
from tests.services.packets.calling import HANDLER

Ask = Callable[..., Any]
MODEL = [{"id": "Ether"}, {"id": "IP"}]


@pytest.fixture
def client(server_port: int) -> Iterator[zmq.Socket[bytes]]:
    with zmq.Context() as context, context.socket(zmq.REQ) as client:
        client.setsockopt(zmq.LINGER, 0)
        client.setsockopt(zmq.RCVTIMEO, int(1000 * PATIENCE))
        client.connect(f"tcp://127.0.0.1:{server_port}")
        yield client


@pytest.fixture
def send(client: zmq.Socket[bytes]) -> Ask:
    def exchange(*frames: bytes) -> Any:
        client.send_multipart(frames)
        return json.loads(client.recv())

    return exchange


@pytest.fixture
def ask(send: Ask) -> Ask:
    def call(method: str, *params: Any, **more: Any) -> Any:
        request = {"jsonrpc": "2.0", "id": "1", "method": method, "params": params} | more
        return send(json.dumps(request).encode())

    return call


def test_d01_every_method_works_on_this_python(ask: Ask) -> None:
    assert ask("get_version")["result"]["version"] == "1.02"


def test_d02_templates_are_text(ask: Ask) -> None:
    assert isinstance(ask("get_template", HANDLER, {"id": "TCP-SYN"})["result"], str)


def test_d03_methods_are_listed(ask: Ask) -> None:
    assert ask("supported_methods", "all")["result"]["build_pkt"] == [
        2,
        ["pkt_descriptor", "link_type"],
    ]
    assert ask("supported_methods", "shut_down")["result"] is True


def test_d04_check_update_exists(ask: Ask) -> None:
    assert ask("check_update", "a", "b")["error"] == {
        "code": -32098,
        "message": "Scapy Server: Fields DB is not up to date",
    }


def test_d05_a_message_that_is_not_utf8(send: Ask, ask: Ask) -> None:
    assert send(b"\xff\xfe")["error"]["code"] == -32700
    assert ask("ping")["result"] == {}


def test_d06_a_message_of_two_parts(send: Ask, ask: Ask) -> None:
    request = b'{"jsonrpc":"2.0","id":"1","method":"ping"}'
    assert send(request, b"x")["error"]["code"] == -32600
    assert ask("ping")["result"] == {}


@pytest.mark.parametrize(
    "method", ["_value_from_dict", "_get_md5", "__init__", "__class__", "handle", "call"]
)
def test_d10_only_listed_methods_can_be_called(ask: Ask, method: str) -> None:
    reply = ask(method, {"vtype": "EXPRESSION", "expr": "1+1"})
    assert reply["error"] == {"code": -32601, "message": "Method not found"}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("reconstruct_pkt", ["junk", "AAAA", []]),
        ("get_tree", ["junk"]),
        ("get_all", ["junk"]),
        ("get_definitions", ["junk", None]),
        ("get_payload_classes", ["junk", MODEL]),
        ("build_pkt", ["junk", MODEL]),
        ("build_pkt_ex", ["junk", MODEL, {}]),
        ("read_pcap", ["junk", "AAAA"]),
        ("write_pcap", ["junk", []]),
        ("get_templates", ["junk"]),
        ("get_template", ["junk", {"id": "TCP-SYN"}]),
        ("check_update_of_dbs", ["junk", "a", "b"]),
    ],
)
def test_d12_the_handler_is_checked(ask: Ask, method: str, params: list[Any]) -> None:
    error = ask(method, *params)["error"]
    assert error["code"] == -32098
    assert "version handler 'junk' does not match" in error["message"]


def test_d12_versions_are_told_apart(ask: Ask) -> None:
    assert ask("get_version_handler", "1", "02")["result"] == HANDLER
    assert ask("get_version_handler", "10", "2")["error"]["code"] == -32098


@pytest.mark.parametrize("request_id", [1, "1", None, 1.5, [1, None], {"a": 1}, 10**30, ""])
def test_d13_errors_carry_the_id(ask: Ask, request_id: Any) -> None:
    assert ask("nope", id=request_id)["id"] == request_id
    assert ask("get_tree", 1, id=request_id)["id"] == request_id


def test_d13_without_a_readable_id_it_is_null(send: Ask) -> None:
    assert send(b"{")["id"] is None


@pytest.mark.parametrize("message", [b"", b"\xef\xbb\xbf{}", b" "])
def test_d14_empty_messages_and_byte_order_marks(send: Ask, message: bytes) -> None:
    reply = send(message)
    assert reply["error"]["code"] == -32700
    assert reply["error"]["message"].startswith("Parse Error: ")


def test_d15_params_that_are_no_array(ask: Ask) -> None:
    assert "result" in ask("get_tree", params=None)
    assert ask("get_tree", params={HANDLER: 1})["error"]["code"] == -32603
    assert ask("get_tree", params="a")["error"]["code"] == -32603
    assert ask("get_tree", params=5)["error"]["code"] == -32603
    named = ask("build_pkt", params={"pkt_descriptor": MODEL})["result"]
    assert named == ask("build_pkt", HANDLER, MODEL)["result"]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"NaN", -32700),
        (b"Infinity", -32700),
        (rb'"\ud800"', -32700),
        (b"1e400", -32603),
        (b"9" * 5000, -32603),
        (b"[" * 300 + b"]" * 300, -32098),
        (b"9" * 400, -32098),
        (b"1e300", -32098),
        (rb'"\u0000"', -32098),
    ],
)
def test_d16_values_are_never_python_text(send: Ask, value: bytes, code: int) -> None:
    field = b'{"id":"ttl","value":' + value + b"}"
    model = b'[{"id":"IP","fields":[' + field + b"]}]"
    reply = send(b'{"jsonrpc":"2.0","id":"1","method":"build_pkt","params":[' + model + b"]}")
    assert reply["error"]["code"] == code, reply


def test_d17_codes_and_texts(send: Ask, ask: Ask) -> None:
    assert ask("get_tree", 1)["error"]["code"] == -32603
    assert ask("get_tree", "bad")["error"]["code"] == -32098
    assert ask("build_pkt", [{"id": "Nope"}])["error"]["message"].startswith("Scapy Server: ")
    assert not send(b"{")["error"]["message"].endswith(" ")
    assert send(b"[]")["error"]["code"] == -32600
