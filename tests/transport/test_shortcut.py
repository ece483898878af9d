from __future__ import annotations

import msgspec
import pytest

from scapy_server import Client
from scapy_server.services.packets.known import KnownAnswers
from scapy_server.services.packets.notes import Constant
from scapy_server.transport.shortcut import LearningShortcut

PING = b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'


def test_it_answers_what_it_was_taught() -> None:
    shortcut = LearningShortcut()
    assert shortcut.answer(PING, "ping") is None
    shortcut.learn(msgspec.msgpack.encode(Constant("ping", b"[]", b"{}")))
    reply = shortcut.answer(PING, "ping")
    assert reply is not None
    assert reply.data == b'{"jsonrpc":"2.0","id":1,"result":{}}'


def test_a_note_that_is_none_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    LearningShortcut().learn(b"noise")
    assert "note cannot be read" in caplog.text


def test_a_bug_costs_a_hop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(self: KnownAnswers, request: bytes, method: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(KnownAnswers, "answer", fails)
    assert LearningShortcut().answer(PING, "ping") is None
    assert "the shortcut failed on a request for ping" in caplog.text


def test_the_front_learns_from_its_workers(server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        model = [{"id": "Ether"}, {"id": "Dot1Q"}, {"id": "IP"}, {"id": "TCP"}]
        before = client.server_status()["answered_without_worker"]
        packets = [client.build_pkt(model) for _ in range(20)]
        after = client.server_status()["answered_without_worker"]
    assert all(packet == packets[0] for packet in packets)
    assert after - before >= 10
