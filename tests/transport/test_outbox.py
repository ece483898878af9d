"""Replies to real clients that do not read them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import zmq

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.transport.framing import Message, split
from scapy_server.transport.outbox import Outbox, Undeliverable
from tests.server.processes import until

MIB = 1024 * 1024


class Town:
    """A router and clients of it that read little ahead."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._context = stack.enter_context(zmq.Context[zmq.Socket[bytes]]())
        self.router = self._socket(zmq.ROUTER)
        self.router.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self.router.setsockopt(zmq.SNDHWM, limits.UNREAD_REPLIES_OF_A_CLIENT)
        self.router.setsockopt(zmq.SNDBUF, 4096)
        self._port = self.router.bind_to_random_port("tcp://127.0.0.1")
        self.outbox = Outbox(self.router)

    def _socket(self, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        self._stack.callback(socket.close, linger=0)
        return socket

    def client(self) -> tuple[zmq.Socket[bytes], Message]:
        """A client, and a message of it."""
        client = self._socket(zmq.DEALER)
        client.setsockopt(zmq.RCVHWM, 1)
        client.setsockopt(zmq.RCVBUF, 4096)
        client.connect(f"tcp://127.0.0.1:{self._port}")
        client.send(b"request")
        return client, split(self.router.recv_multipart())


@pytest.fixture
def town() -> Iterator[Town]:
    with ExitStack() as stack:
        yield Town(stack)


def sent_until_refused(outbox: Outbox, message: Message, reply: bytes) -> tuple[int, Undeliverable]:
    count = 0
    while True:
        try:
            outbox.send(message, reply)
        except Undeliverable as refused:
            return count, refused
        count += 1


def test_large_replies_are_bounded_by_their_bytes(town: Town) -> None:
    outbox = town.outbox
    client, message = town.client()
    count, refused = sent_until_refused(outbox, message, bytes(4 * MIB))
    assert refused.kind == "unread"
    assert outbox.unread_bytes <= limits.UNREAD_BYTES_OF_A_CLIENT < outbox.unread_bytes + 4 * MIB
    for _ in range(count):
        assert len(client.recv()) == 4 * MIB
    until(lambda: outbox.unread_bytes == 0)
    outbox.send(message, bytes(4 * MIB))


def test_one_reply_always_fits(town: Town) -> None:
    client, message = town.client()
    town.outbox.send(message, bytes(limits.UNREAD_BYTES_OF_A_CLIENT + 1))
    assert len(client.recv()) == limits.UNREAD_BYTES_OF_A_CLIENT + 1


def test_all_clients_together_are_bounded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.UNREAD_BYTES > limits.UNREAD_BYTES_OF_A_CLIENT
    monkeypatch.setattr(limits, "UNREAD_BYTES", Limit(10 * MIB, "", ""))
    outbox = town.outbox
    first, second = town.client(), town.client()
    outbox.send(first[1], bytes(8 * MIB))
    with pytest.raises(Undeliverable, match="too many bytes"):
        outbox.send(second[1], bytes(4 * MIB))
    outbox.send(second[1], b"small ones are bounded by their number")


def test_small_replies_are_bounded_by_their_number(town: Town) -> None:
    _, message = town.client()
    count, refused = sent_until_refused(town.outbox, message, bytes(60_000))
    assert refused.kind == "unread"
    assert count < 2 * limits.UNREAD_REPLIES_OF_A_CLIENT


def test_a_client_that_is_gone(town: Town) -> None:
    with pytest.raises(Undeliverable, match="the client is gone") as caught:
        town.outbox.send(Message((b"nobody", b""), (b"x",)), b"reply")
    assert caught.value.kind == "gone"
