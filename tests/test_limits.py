"""Each bound, on both of its sides, and the page that lists them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from scapy_server import limits
from scapy_server.engine.cycles import Effort
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


def build_many(*layers: Json) -> tuple[str, list[Any]]:
    """A call with the layers as models of one layer each, as many as it may have, or longer."""
    size = -(-len(layers) // limits.MODELS)
    return "build_pkts", [[list(layers[k : k + size]) for k in range(0, len(layers), size)]]


def fields_of(count: int, size: int = limits.FIELDS) -> list[Json]:
    """Layers with so many fields altogether, none with more than `size`."""
    field = {"id": "load", "value": "x"}
    sizes = [size] * (count // size) + [count % size]
    return [{"id": "Raw", "fields": [field] * amount} for amount in sizes if amount]


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def vary(*instructions: Json, cache: int = 0, frame: int = 60) -> tuple[str, list[Any]]:
    model = [layer("Ether"), layer("Raw", load=of_bytes(frame - 14))]
    program = {
        "instructions": list(instructions),
        "global_parameters": {"cache_size": str(cache)},
    }
    return "build_pkt_ex", [model, {"field_engine": program}]


def instruction(kind: str, **parameters: Any) -> Json:
    return {"id": f"STLVm{kind}", "parameters": parameters}


def variable(name: str = "v", **parameters: Any) -> Json:
    return instruction("FlowVar", name=name, size="1", **parameters)


def render(**options: Any) -> tuple[str, list[Any]]:
    return "render_packets", [[layer("Ether"), layer("IP")], None, options]


def product(amount: int, largest: int) -> tuple[int, int]:
    """Two factors of an amount, the first one as large as it may be."""
    factor = next(factor for factor in range(largest, 0, -1) if amount % factor == 0)
    return factor, amount // factor


def render_tagged(layers: int, packets: int) -> tuple[str, list[Any]]:
    model = [layer("Ether"), *[layer("Dot1Q")] * (layers - 1)]
    return "render_packets", [model, None, {"count": packets, "detail": "tree"}]


def render_irregular(cores: int, variables: int) -> tuple[str, list[Any]]:
    counter = {"type": "flow_var", "size": 1, "op": "inc", "step": 200}
    counter |= {"init_value": 0, "min_value": 0, "max_value": 255}
    vm = {"instructions": [counter | {"name": f"v{k}"} for k in range(variables)]}
    return "render_packets", [[layer("Ether")], {"vm": vm}, {"count": 1, "cores": cores}]


REQUESTS: Mapping[str, Request] = {
    # Parameters, model and layer are three levels; what results have besides is ignored.
    "JSON_DEPTH": lambda n: build({"id": "IP", "problem": nested(n - 3)}),
    "MODELS": lambda n: ("build_pkts", [[[layer("Raw")]] * n]),
    "LAYERS": lambda n: build(*[layer("Raw", load="x")] * n),
    "FIELDS": lambda n: build({"id": "IP", "fields": [{"id": "ttl", "value": 1}] * n}),
    "MODEL_FIELDS": lambda n: build(*fields_of(n)),
    "CALL_LAYERS": lambda n: build_many(*[layer("Raw", load="x")] * n),
    "CALL_FIELDS": lambda n: build_many(*fields_of(n, 64)),
    # Beyond the bound on all texts together, none is beyond its own.
    "CALL_TEXT": lambda n: build_many(
        *[layer("Raw", load="x" * (n // 8))] * 7,
        layer("Raw", load={"vtype": "EXPRESSION", "expr": '"' + "x" * (n - n // 8 * 7 - 2) + '"'}),
    ),
    "CALL_PAYLOAD_BYTES": lambda n: build_many(
        *[layer("Raw", load=of_bytes(n // 8 - 1))] * 8,
        layer("Raw", load=of_bytes(n - (n // 8 - 1) * 8)),
    ),
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
    "WRITTEN_PACKETS": lambda n: ("write_pcap", [["AAAA"] * n]),
    "FIELD_ENGINE_INSTRUCTIONS": lambda n: vary(
        variable(), *[instruction("WrFlowVar", fv_name="v", pkt_offset="20")] * (n - 1)
    ),
    "FIELD_ENGINE_LIST_VALUES": lambda n: vary(variable(value_list=["1"] * n)),
    "FIELD_ENGINE_NAME_CHARACTERS": lambda n: vary(variable("x" * n)),
    "FIELD_ENGINE_VARIABLE_BYTES": lambda n: vary(*[variable(f"v{i}") for i in range(n)]),
    "FIELD_ENGINE_TOUCHED_BYTES": lambda n: vary(
        variable(), instruction("WrFlowVar", fv_name="v", pkt_offset=str(n - 1)), frame=1000
    ),
    "FIELD_ENGINE_CACHE_PACKETS": lambda n: vary(variable(), cache=n),
    "FIELD_ENGINE_FRAME_BYTES": lambda n: vary(variable(), frame=n),
    "RENDER_CORES": lambda n: render(cores=n),
    "RENDERED_PACKETS": lambda n: render(count=n),
    "RENDERED_TREES": lambda n: render(count=n, detail="tree"),
    "RENDERED_LAYERS": lambda n: render_tagged(*product(n, limits.LAYERS)),
    "RENDER_IRREGULAR_VARIABLES": lambda n: render_irregular(*product(n, limits.RENDER_CORES)),
}

#: Refusals in other words than those of `Limit.check`.
WORDS: Mapping[str, str] = {
    "FIELD_ENGINE_VARIABLE_BYTES": "take more than the 64 bytes of the engine's memory",
    "FIELD_ENGINE_TOUCHED_BYTES": "are beyond the first 512 bytes",
}

#: Bounds that refuse nothing: beyond them less is said. Their tests are below.
SOFT = ["FIELD_ENGINE_ENUMERATED_VALUES"]

#: Bounds whose two sides are tested beside what they bound.
ELSEWHERE: Mapping[str, str] = {
    "MESSAGE_BYTES": "rpc/test_envelope.py",
    "JSON_VALUES": "rpc/test_envelope.py",
    "PROFILE_REQUESTS": "streams/test_requests.py",
    "PROFILE_SHARES": "streams/test_requests.py",
    "PROFILE_EVENTS": "streams/test_simulation.py",
    "PORT_STREAMS": "streams/test_profile.py",
    "RATE_GRAPH_STEPS": "streams/test_graph.py",
    "BATCH_REQUESTS": "rpc/test_dispatcher.py",
    "REQUEST_MILLISECONDS": "test_work.py",
    "REQUEST_PROCESSOR_MILLISECONDS": "workers/test_worker.py",
    "REQUEST_SUMMED_BYTES": "test_work.py",
    "REQUEST_DISSECTED_LAYERS": "test_work.py",
    "REQUEST_SUGGESTIONS": "test_work.py",
    "TIMELINE_PACKETS": "cli/streams/test_profile_preview.py",
    "SOURCE_BYTES": "cli/streams/test_rendering.py",
    "PLOTTED_PACKETS": "cli/streams/test_previewing.py",
    "PARTS": "packet/tree/test_part_tree.py",
    "PART_DEPTH": "packet/tree/test_part_tree.py",
    "READ_RECORDS": "packet/frames/test_budget.py",
    "READ_WORK": "packet/frames/test_budget.py",
    "READ_FIELDS": "packet/frames/test_budget.py",
    "READ_BYTES": "packet/frames/test_budget.py",
    "WRITTEN_FIELDS": "packet/expressions/test_writing.py",
    "REMEMBERED_FRAME_BYTES": "packet/plans/test_remembered.py",
    "PLANNED_SHAPES": "packet/plans/test_book.py",
    "PLANS_OF_A_SHAPE": "packet/plans/test_book.py",
    "PLANS_OF_A_LAYER": "packet/plans/layers/test_layer_book.py",
    "PLANNED_HEADER_BYTES": "packet/plans/layers/test_watched_layer.py",
    "PLANNED_RECORDS": "packet/plans/layers/test_layer_book.py",
    "PLANNED_LAYERS": "packet/plans/layers/test_layer_book.py",
    "PLANNED_WORK": "packet/plans/test_long_way.py",
    "REMEMBERED_CERTIFICATES": "packet/frames/test_certificates.py",
    "PLANNED_FRAME_BYTES": "packet/plans/test_book.py",
    "PLANNED_BYTES": "packet/plans/test_book.py",
    "PLAN_MISSES": "packet/plans/test_book.py",
    "DISSECTED_LAYERS": "packet/frames/test_tracer.py",
    "EXPRESSION_CHARACTERS": "packet/expressions/test_grammar.py",
    "EXPRESSION_CHAIN": "packet/expressions/test_grammar.py",
    "EXPRESSION_DEPTH": "packet/expressions/test_grammar.py",
    "EXPRESSION_NODES": "packet/expressions/test_evaluation.py",
    "MODEL_EXPRESSION_NODES": "packet/models/test_budget.py",
    "EXPRESSION_LAYERS": "packet/expressions/test_evaluation.py",
    "EXPRESSION_SEQUENCE_ITEMS": "packet/expressions/test_arithmetic.py",
    "EXPRESSION_DATA": "packet/expressions/test_evaluation.py",
    "EXPRESSION_COPIED": "packet/expressions/test_arithmetic.py",
    "EXPRESSION_DISSECTED_BYTES": "packet/expressions/test_evaluation.py",
    "CAPTURE_BYTES": "captures/test_reading.py",
    "CAPTURE_BLOCK_BYTES": "captures/test_pcapng.py",
    "CAPTURE_GZIP_MEMBERS": "captures/test_compression.py",
    "CAPTURE_PACKETS": "services/packets/test_captured.py",
    "CAPTURE_SUMMARIES": "services/packets/test_captured.py",
    "CAPTURE_SHOWN_FIELDS": "services/packets/test_captured.py",
    "CAPTURE_WORK": "services/packets/test_captured.py",
    "REMEMBERED_CAPTURE_BYTES": "services/packets/test_reread.py",
    "CAPTURE_COUNTED": "services/packets/test_captured.py",
    "CAPTURE_PIECES": "services/packets/test_captured.py",
    "REPLY_BYTES": "workers/test_worker.py",
    "CONNECTIONS": "transport/test_admission.py",
    "CONNECTIONS_OF_AN_ADDRESS": "transport/test_admission.py",
    "NEW_CONNECTIONS_OF_AN_ADDRESS": "transport/test_admission.py",
    "RESERVED_DESCRIPTORS": "server/test_serving.py",
    "IDLE_SECONDS": "transport/test_router.py",
    "MESSAGE_FRAMES": "transport/test_router.py",
    "ENVELOPE_BYTES": "transport/test_router.py",
    "FRONT_BYTES": "transport/test_room.py",
    "OWN_REQUEST_BYTES": "transport/test_front.py",
    "SUBSCRIPTIONS_OF_A_CLIENT": "transport/test_publisher.py",
    "QUEUED_REQUESTS_OF_A_CLIENT": "transport/test_fair_queue.py",
    "QUEUED_REQUESTS_OF_AN_OWNER": "transport/test_fair_queue.py",
    "QUEUED_REQUESTS": "transport/test_fair_queue.py",
    "QUEUED_BYTES_OF_A_CLIENT": "transport/test_fair_queue.py",
    "QUEUED_BYTES": "transport/test_fair_queue.py",
    "REMEMBERED_OWNERS": "transport/test_fair_queue.py",
    "UNREAD_REPLIES_OF_A_CLIENT": "transport/test_router.py",
    "UNREAD_BYTES_OF_A_CLIENT": "transport/test_router.py",
    "UNREAD_BYTES": "server/test_serving.py",
    "UNREAD_BYTES_WHILE_ASKING": "transport/test_router.py",
    "DEATHS": "workers/test_pool.py",
    "REFUSED_SECONDS": "workers/test_pool.py",
    "REMEMBERED_OFFENDERS": "workers/test_pool.py",
    "PORT_PROFILES": "services/ports/methods/test_streams.py",
    "PORT_SESSIONS": "services/ports/state/test_events.py",
    "QUEUED_EVENTS": "services/ports/state/test_events.py",
    "PORT_CAPTURES": "services/ports/methods/test_capturing.py",
    "CAPTURED_FRAMES": "services/ports/methods/test_capturing.py",
    "FETCHED_FRAMES": "services/ports/methods/test_capturing.py",
    "RECEIVE_QUEUE_FRAMES": "services/ports/methods/test_receiving.py",
    "METERED_STREAMS": "services/ports/state/test_meters.py",
    "EXPORTED_BYTES": "server/ports/test_exports.py",
    "BRIDGED_FRAMES": "services/ports/plane/test_port.py",
    "FILTER_CHARACTERS": "captures/test_bpf.py",
    "PLAYED_BYTES": "services/ports/kinds/test_files.py",
    "PORTS_REQUEST_BYTES": "server/ports/test_service.py",
    "PORTS_BATCH_REQUESTS": "services/ports/test_control.py",
    "PORTS_REPLY_BYTES": "services/ports/test_control.py",
    "PORTS_BATCHES": "server/ports/test_backend.py",
    "PORTS": "server/ports/test_settings.py",
    "PLAYED_FRAMES": "services/ports/kinds/test_files.py",
    "EDITOR_FILE_BYTES": "web/test_documents.py",
    "EDITOR_TEXT_CHARACTERS": "web/test_documents.py",
    "EDITOR_PACKETS": "web/test_documents.py",
    "EDITOR_DOCUMENTS": "web/test_shelf.py",
    "EDITOR_CLOSED_DOCUMENTS": "web/test_documents.py",
    "EDITOR_TREES": "desk/test_document.py",
    "EDITOR_FRESH_STEPS": "desk/past/test_history.py",
    "EDITOR_FRESH_PACKETS": "desk/past/test_history.py",
    "EDITOR_EXPORTED_PACKETS": "web/panes/stream/test_preview.py",
    "EDITOR_TIMELINE_PACKETS": "desk/test_timing.py",
    "EDITOR_TEMPLATE_BYTES": "web/test_own_templates.py",
    "EDITOR_FILTER_CHARACTERS": "desk/test_filtering.py",
    "EDITOR_FILTER_DEPTH": "desk/test_filtering.py",
}


def test_every_bound_is_tested() -> None:
    assert sorted([*REQUESTS, *SOFT, *ELSEWHERE]) == sorted(name for name, _ in all_limits())
    for name, file in ELSEWHERE.items():
        assert f"limits.{name}" in (ROOT / "tests" / file).read_text(), (name, file)


def message(dispatcher: Dispatcher, request: tuple[str, list[Any]]) -> str:
    """The message of the refusal, "" of a success; that of a program comes with a result."""
    method, params = request
    reply = json.loads(
        dispatcher.handle(
            json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        ).data
    )
    if "result" in reply:
        result = reply["result"]
        engine = result.get("field_engine", {}) if isinstance(result, dict) else {}
        return engine.get("error") or ""
    assert reply["error"]["code"] == -32098
    return str(reply["error"]["message"])


@pytest.mark.parametrize("name", REQUESTS)
def test_both_sides_of_a_bound(name: str, dispatcher: Dispatcher) -> None:
    limit = dict(all_limits())[name]
    assert message(dispatcher, REQUESTS[name](int(limit))) == ""
    refusal = message(dispatcher, REQUESTS[name](int(limit) + 1))
    words = f"{limit.meaning} may be at most {int(limit)} {limit.unit}"
    assert WORDS.get(name, words) in refusal


def test_values_that_are_looked_at_one_by_one() -> None:
    bound = int(limits.FIELD_ENGINE_ENUMERATED_VALUES)
    assert Effort().allows(bound)
    assert not Effort().allows(bound + 1)


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
