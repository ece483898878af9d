"""The methods that the front answers, without a front."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scapy_server.release import VERSION
from scapy_server.rpc import Reply
from scapy_server.server.books import Books
from scapy_server.server.operator import Operator, own_methods
from scapy_server.server.stats import Stats
from scapy_server.server.status import Fronts
from scapy_server.transport.access import Rules
from scapy_server.transport.listening import listen
from scapy_server.transport.router import Router
from tests.workers.test_pool import Table


@contextmanager
def operator(remote_shutdown: bool = True) -> Iterator[Operator]:
    table, stats = Table(), Stats()
    router = Router(listen("127.0.0.1", 0), Books(stats), Rules(), 100)
    yield Operator(table.pool, router, stats, remote_shutdown, Fronts(77, 2))
    router.close()
    table.close()


def asked(of: Operator, method: str, *params: Any) -> tuple[Reply, Any]:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
    reply = own_methods(of).handle(json.dumps(request).encode())
    return reply, json.loads(reply.data)


def test_status() -> None:
    with operator() as of:
        _, answer = asked(of, "server_status")
    status = answer["result"]
    assert (status["server_version"], status["pid"], status["lost_fronts"]) == (VERSION, 77, 2)
    assert status["front_pid"] == os.getpid()
    assert [worker["state"] for worker in status["workers"]] == ["idle"]


def test_the_last_word() -> None:
    with operator() as of:
        reply, answer = asked(of, "shut_down")
    assert answer["result"] == "Server is shutting down"
    assert reply.shut_down


def test_the_operator_may_forbid_it() -> None:
    with operator(remote_shutdown=False) as of:
        reply, answer = asked(of, "shut_down")
    assert answer["error"]["code"] == -32098
    assert "--no-remote-shutdown" in answer["error"]["message"]
    assert not reply.shut_down


def test_parameters_are_refused_as_everywhere() -> None:
    with operator() as of:
        _, answer = asked(of, "server_status", 1, 2, 3)
    assert answer["error"]["code"] == -32603


def test_there_are_no_others() -> None:
    with operator() as of:
        _, answer = asked(of, "build_pkt")
    assert answer["error"]["code"] == -32601
