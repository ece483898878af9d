"""Both sides of each bound on a request's work, with a clock of the test's own."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scapy_server import limits, work
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.table import dispatcher as dispatcher_of
from scapy_server.wording import closest


class Clock:
    """Tells the time that the test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def exhausted(do: Callable[[], object]) -> bool:
    try:
        do()
    except work.WorkExhausted:
        return True
    return False


def test_bytes_below_layers() -> None:
    with work.request():
        work.built(int(limits.REQUEST_SUMMED_BYTES))
        with pytest.raises(work.WorkExhausted, match="may be at most 33554432 bytes"):
            work.built(1)


def test_layers_dissected() -> None:
    with work.request():
        for _ in range(limits.REQUEST_DISSECTED_LAYERS):
            work.dissected()
        assert exhausted(work.dissected)


def test_suggestions_end_and_nothing_else_does() -> None:
    with work.request():
        found = [closest("Ehter", ["Ether"]) for _ in range(limits.REQUEST_SUGGESTIONS + 2)]
    assert found == ["Ether"] * limits.REQUEST_SUGGESTIONS + [None, None]


def test_processor_time() -> None:
    clock, wall = Clock(), Clock()
    with work.request(clock, wall):
        clock.now = wall.now = limits.REQUEST_MILLISECONDS / 1000
        work.check()
        wall.now += 1000  # while others had the processor
        work.check()
        clock.now += 0.001
        for spend in (work.check, work.dissected, lambda: work.built(0)):
            assert exhausted(spend)


def test_outside_of_a_request_nothing_is_counted() -> None:
    for _ in range(3):
        work.built(int(limits.REQUEST_SUMMED_BYTES))
    work.check()
    assert work.may_suggest()


def test_the_next_request_begins_anew() -> None:
    for _ in range(2):
        with work.request():
            work.built(int(limits.REQUEST_SUMMED_BYTES))


def results(dispatcher: Dispatcher, method: str, params: list[Any]) -> Any:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return json.loads(dispatcher.handle(json.dumps(request).encode()).data)


def test_what_was_done_of_a_list_is_kept(dispatcher: Dispatcher) -> None:
    payload = {"vtype": "BYTES", "generate": "template_code", "template_code": "11"}
    small = [{"id": "IP"}]
    load = {"id": "load", "value": {**payload, "size": 1_000_000}}
    large = [*[{"id": "ICMP"}] * 100, {"id": "Raw", "fields": [load]}]
    first, second = results(dispatcher, "build_pkts", [[small, large]])["result"]
    assert "data" in first
    assert "layer by layer" in second["error"]["message"]


#: Requests that `bench/costs.py` and attackers have found to cost most, one per line.
COSTLY = gzip.decompress((Path(__file__).parent / "costly.jsonl.gz").read_bytes()).splitlines()


@pytest.mark.attack
@pytest.mark.parametrize("number", range(len(COSTLY)))
def test_no_request_costs_much_more_than_its_budget(number: int, core: Core) -> None:
    begin = time.thread_time()
    reply = json.loads(dispatcher_of(core).handle(COSTLY[number]).data)
    # A single step between two looks at the clock may be long, and processors differ.
    assert time.thread_time() - begin < 4 * limits.REQUEST_MILLISECONDS / 1000
    assert reply.get("error", {"code": -32098})["code"] == -32098
