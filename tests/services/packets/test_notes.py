"""A plan saves time and never costs an answer, whatever layer, field and value it is of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from scapy_server.packet.layers.facts import FieldFacts, LayerFacts
from scapy_server.packet.layers.registry import Registry
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.rewrite_planner import RewritePlanner
from scapy_server.rpc import Dispatcher
from scapy_server.rpc.dispatcher import Reply
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.known import KnownAnswers
from scapy_server.services.packets.notes import read_note
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from tests.running import patient

#: Requests of a shape: the first is remembered, the second makes the plan, the third uses it.
TIMES = 3

#: The sweep over all layers in so many parts, as workers of the test run may share them.
PARTS = 16

#: Each form that a value may have, by the documents.
FORMS: tuple[Any, ...] = (
    0,
    "1",
    "0x1",
    "text",
    "",
    None,
    1.5,
    -1,
    1 << 64,
    (1 << 128) - 1,
    [1],
    {"vtype": "RANDOM", "seed": 3},
    {"vtype": "MACHINE", "base64": "AQIDBA=="},
    {"vtype": "BYTES", "base64": "AQIDBA=="},
    {"vtype": "BYTES", "generate": "random_ascii", "size": 4},
    {"vtype": "EXPRESSION", "expr": "1"},
    {"vtype": "EXPRESSION", "expr": "b'a'"},
    {"vtype": "OBJECT", "value": 1},
    {"vtype": "UNDEFINED"},
)


@pytest.fixture
def worker(core: Core) -> Dispatcher:
    """A worker that has learnt nothing yet."""
    return dispatcher_of(Core.over(core.registry), patient)


def asked(worker: Dispatcher, method: str, *params: Any) -> Reply:
    return worker.handle(
        msgspec.json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    )


def all_agree(worker: Dispatcher, method: str, *params: Any) -> Reply:
    """The reply to a request that is sent again and again, and to the front's own answer."""
    known = KnownAnswers()
    first = asked(worker, method, *params)
    assert first.bug is None, (params, first.bug)
    for _ in range(1, TIMES):
        again = asked(worker, method, *params)
        assert again.data == first.data, (params, again.bug)
        if again.note:
            known.learn(again.note, 0)
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    planned = known.answer(message.encode(), method, 0)
    assert planned is None or planned.text == first.text, params
    return first


@pytest.mark.parametrize(
    ("layer", "field", "value"),
    [
        ("GRH", "sgid", 5),  # 128 bits
        ("GRH", "dgid", (1 << 128) - 1),
        ("GTPmorethan1500", "IE", 1 << 64),
        ("GRE", "chksum_present", 0),  # the only other value says more than itself
        ("GRE", "chksum_present", "0"),
        ("TCP", "reserved", 1),
        ("IP", "ttl", -(1 << 70)),
    ],
)
def test_numbers_beyond_what_a_plan_holds(
    worker: Dispatcher, layer: str, field: str, value: Any
) -> None:
    all_agree(worker, "build_pkt", [{"id": layer, "fields": [{"id": field, "value": value}]}])


def test_a_planner_that_fails_costs_no_reply(
    worker: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    for planner in (Planner, RewritePlanner):
        monkeypatch.setattr(planner, "plan", fail)
    reply = all_agree(worker, "build_pkt", [{"id": "Ether"}, {"id": "IP"}])
    frame = json.loads(reply.data)["result"]["binary"]
    change = [{"id": "Ether", "fields": [{"id": "type", "value": 5}]}]
    assert b'"result"' in all_agree(worker, "reconstruct_pkt", frame, change).data


def test_a_plan_is_handed_over_as_it_was(worker: Dispatcher) -> None:
    model = [{"id": "IP", "fields": [{"id": "ttl", "value": 7}]}]
    assert asked(worker, "build_pkt", model).note == b""
    note = read_note(asked(worker, "build_pkt", model).note)
    assert note.key == ("IP", ("ttl", ""))  # type: ignore[union-attr]


def edge(field: FieldFacts) -> dict[str, Any]:
    """The greatest number that the field holds, or 1 of another kind."""
    return {"id": field.id, "value": 1 if field.maximum is None else field.maximum}


def models_of(layer: LayerFacts, turn: int) -> Iterator[list[dict[str, Any]]]:
    """All numbers at their edges at once, and every form of a value, each for another field."""
    fields = list(layer.by_id.values())
    yield [edge(field) for field in fields if field.maximum is not None]
    for number, form in enumerate(FORMS if fields else ()):
        yield [{"id": fields[(turn + number) % len(fields)].id, "value": form}]


@pytest.mark.sweep
@pytest.mark.parametrize("part", range(PARTS))
def test_no_layer(worker: Dispatcher, registry: Registry, part: int) -> None:
    source = [{"id": "src", "value": "00:00:00:00:00:07"}]
    for turn, layer in enumerate(list(registry)[part::PARTS]):
        for fields in models_of(layer, turn):
            all_agree(worker, "build_pkt", [{"id": layer.id, "fields": fields}])
        frame = asked(worker, "build_pkt", [{"id": "Ether"}, {"id": layer.id}])
        if frame.error is None:
            binary = json.loads(frame.data)["result"]["binary"]
            changes = [{"id": "Ether", "fields": source}, {"id": layer.id, "fields": fields}]
            all_agree(worker, "reconstruct_pkt", binary, changes)
            all_agree(worker, "reconstruct_pkt", binary, changes[:1])
