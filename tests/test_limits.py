"""Each bound, on both of its sides, and the page that lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.limits import Limit, all_limits
from scapy_server.rpc import Dispatcher
from tests.packet.cases import Json, expression, layer

ROOT = Path(__file__).parents[1]

#: A request that asks for the given amount of what is bounded: the method and its parameters.
Request = Callable[[int], tuple[str, list[Any]]]


def build(*model: Json) -> tuple[str, list[Any]]:
    return "build_pkt", [list(model)]


def payload(value: Any) -> tuple[str, list[Any]]:
    return build(layer("Raw", load=value))


def of_bytes(size: int) -> Json:
    return {"vtype": "BYTES", "generate": "random_bytes", "size": size}


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def render(**options: Any) -> tuple[str, list[Any]]:
    return "render_packets", [[layer("Ether"), layer("IP")], None, options]


REQUESTS: Mapping[str, Request] = {
    # Parameters, model and layer are three levels; what a layer has besides is ignored.
    "JSON_DEPTH": lambda n: build({"id": "IP", "comment": nested(n - 3)}),
    "MODELS": lambda n: ("build_pkts", [[[layer("Raw")]] * n]),
    "LAYERS": lambda n: build(*[layer("Raw", load="x")] * n),
    "FIELDS": lambda n: build({"id": "IP", "fields": [{"id": "ttl", "value": 1}] * n}),
    "LIST_ITEMS": lambda n: build(layer("IP", ttl=[1] * n)),
    "PAYLOAD_BYTES": lambda n: payload(of_bytes(n)),
    "FRAME_BYTES": lambda n: build(
        layer("Raw", load=of_bytes(limits.PAYLOAD_BYTES)),
        layer("Raw", load=of_bytes(limits.PAYLOAD_BYTES - 1)),
        layer("Raw", load=of_bytes(n - 2 * limits.PAYLOAD_BYTES + 1)),
    ),
    "EXPRESSION_TEXT": lambda n: payload(expression(" " * (n - 3) + "b''")),
    "EXPRESSION_INTEGER_BITS": lambda n: build(
        layer("IP", ttl=expression(f"(1 << {n - 1}) >> {n - 1}"))
    ),
    "CAPTURE_PACKETS": lambda n: ("write_pcap", [["AAAA"] * n]),
    "RENDER_CORES": lambda n: render(cores=n),
    "RENDERED_PACKETS": lambda n: render(count=n),
    "RENDERED_TREES": lambda n: render(count=n, detail="tree"),
}

#: Bounds whose two sides are tested beside what they bound.
ELSEWHERE: Mapping[str, str] = {
    "MESSAGE_BYTES": "rpc/test_envelope.py",
    "JSON_VALUES": "rpc/test_envelope.py",
    "SOURCE_BYTES": "cli/test_render.py",
    "PLOTTED_PACKETS": "cli/test_render.py",
    "DISSECTED_LAYERS": "packet/test_tracer.py",
    "EXPRESSION_CHARACTERS": "packet/test_expression_grammar.py",
    "EXPRESSION_CHAIN": "packet/test_expression_grammar.py",
    "EXPRESSION_DEPTH": "packet/test_expression_grammar.py",
    "EXPRESSION_NODES": "packet/test_expressions.py",
    "EXPRESSION_LAYERS": "packet/test_expressions.py",
    "EXPRESSION_SEQUENCE_ITEMS": "packet/test_expression_arithmetic.py",
    "EXPRESSION_DATA": "packet/test_expressions.py",
    "EXPRESSION_COPIED": "packet/test_expression_arithmetic.py",
    "EXPRESSION_DISSECTED_BYTES": "packet/test_expressions.py",
    "CAPTURE_BYTES": "packet/test_capture.py",
    "CAPTURE_BLOCKS": "packet/test_capture.py",
    "CAPTURE_GZIP_MEMBERS": "packet/test_capture.py",
}


def test_every_bound_is_tested() -> None:
    assert sorted([*REQUESTS, *ELSEWHERE]) == sorted(name for name, _ in all_limits())
    for name, file in ELSEWHERE.items():
        assert f"limits.{name}" in (ROOT / "tests" / file).read_text(), (name, file)


def message(dispatcher: Dispatcher, request: tuple[str, list[Any]]) -> str:
    """The message of the refusal, "" of a success."""
    method, params = request
    reply = json.loads(
        dispatcher.handle(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        ).data
    )
    if "result" in reply:
        return ""
    assert reply["error"]["code"] == -32098
    return str(reply["error"]["message"])


@pytest.mark.parametrize("name", REQUESTS)
def test_both_sides_of_a_bound(name: str, dispatcher: Dispatcher) -> None:
    limit = dict(all_limits())[name]
    assert message(dispatcher, REQUESTS[name](int(limit))) == ""
    refusal = message(dispatcher, REQUESTS[name](int(limit) + 1))
    assert f"{limit.meaning} may be at most {int(limit)} {limit.unit}" in refusal


def test_a_bound_says_what_is_too_much() -> None:
    limit = Limit(3, "layers", "a packet model")
    limit.check(3)
    limit.check(0)
    with pytest.raises(RefusedError) as refusal:
        limit.check(4)
    assert refusal.value.problem == "a packet model may be at most 3 layers, this is 4"


def test_a_bound_is_a_number() -> None:
    limit = Limit(3, "layers", "a packet model")
    assert (limit, limit + 1, int(limit)) == (3, 4, 3)


def test_the_page_lists_every_bound() -> None:
    rows = [
        f"| `{name}` | {limit.meaning} | {int(limit):,} {limit.unit} |"
        for name, limit in all_limits()
    ]
    page = (ROOT / "docs" / "limits.md").read_text()
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows
