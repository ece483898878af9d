from __future__ import annotations

from typing import NoReturn

import pytest

from scapy_server import Client
from scapy_server.rpc import Reply
from scapy_server.transport.shortcut import Guarded, NoShortcut

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'


class Echo:
    """Answers what it was taught last."""

    def __init__(self) -> None:
        self.learnt = b""

    def answer(self, request: bytes, method: str, generation: int) -> Reply | None:
        return Reply(self.learnt, method) if self.learnt else None

    def learn(self, note: bytes, generation: int) -> None:
        self.learnt = note


class Broken:
    """Fails whatever it is asked."""

    def answer(self, request: bytes, method: str, generation: int) -> NoReturn:
        raise ZeroDivisionError

    def learn(self, note: bytes, generation: int) -> NoReturn:
        raise ZeroDivisionError


def test_a_guard_lets_through_what_works() -> None:
    shortcut = Guarded(Echo())
    assert shortcut.answer(PING, "ping", 0) is None
    shortcut.learn(b"note", 0)
    assert shortcut.answer(PING, "ping", 0) == Reply(b"note", "ping")


def test_a_bug_costs_a_hop(caplog: pytest.LogCaptureFixture) -> None:
    shortcut = Guarded(Broken())
    assert shortcut.answer(PING, "ping", 0) is None
    assert "the shortcut failed on a request for ping" in caplog.text
    shortcut.learn(b"noise", 0)
    assert "note cannot be read" in caplog.text


def test_no_shortcut_knows_nothing() -> None:
    shortcut = NoShortcut()
    shortcut.learn(b"note", 0)
    assert shortcut.answer(PING, "ping", 0) is None


def test_the_front_learns_from_its_workers(server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        model = [{"id": "Ether"}, {"id": "Dot1Q"}, {"id": "IP"}, {"id": "TCP"}]
        before = client.server_status().answered_without_worker
        packets = [client.build_pkt(model) for _ in range(20)]
        after = client.server_status().answered_without_worker
    assert all(packet == packets[0] for packet in packets)
    assert after - before >= 10
