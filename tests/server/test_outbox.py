"""Replies to real clients that do not read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import zmq

from scapy_server import limits
from scapy_server.limits import Limit
from scapy_server.server.framing import Message, split
from scapy_server.server.outbox import Outbox, Undeliverable
from tests.server.processes import until

MIB = 1024 * 1024


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    with zmq.Context() as context:
        yield context
        context.destroy(linger=0)


@pytest.fixture
def router(context: zmq.Context[zmq.Socket[bytes]]) -> zmq.Socket[bytes]:
    socket = context.socket(zmq.ROUTER)
    socket.setsockopt(zmq.ROUTER_MANDATORY, 1)
    socket.setsockopt(zmq.SNDHWM, limits.UNREAD_REPLIES_OF_A_CLIENT)
    socket.setsockopt(zmq.SNDBUF, 4096)
    socket.bind("tcp://127.0.0.1:*")
    return socket


def client_of(router: zmq.Socket[bytes]) -> tuple[zmq.Socket[bytes], Message]:
    """A client that reads little ahead, and a message of it."""
    client = router.context.socket(zmq.DEALER)
    client.setsockopt(zmq.RCVHWM, 1)
    client.setsockopt(zmq.RCVBUF, 4096)
    endpoint = router.getsockopt(zmq.LAST_ENDPOINT)
    assert isinstance(endpoint, bytes)
    client.connect(endpoint.rstrip(b"\0").decode())
    client.send(b"request")
    return client, split(router.recv_multipart())


def sent_until_refused(outbox: Outbox, message: Message, reply: bytes) -> tuple[int, Undeliverable]:
    count = 0
    while True:
        try:
            outbox.send(message, reply)
        except Undeliverable as refused:
            return count, refused
        count += 1


def test_large_replies_are_bounded_by_their_bytes(router: zmq.Socket[bytes]) -> None:
    outbox = Outbox(router)
    client, message = client_of(router)
    count, refused = sent_until_refused(outbox, message, bytes(4 * MIB))
    assert refused.kind == "unread"
    assert outbox.unread_bytes <= limits.UNREAD_BYTES_OF_A_CLIENT < outbox.unread_bytes + 4 * MIB
    for _ in range(count):
        assert len(client.recv()) == 4 * MIB
    until(lambda: outbox.unread_bytes == 0)
    outbox.send(message, bytes(4 * MIB))


def test_one_reply_always_fits(router: zmq.Socket[bytes]) -> None:
    _, message = client_of(router)
    Outbox(router).send(message, bytes(limits.UNREAD_BYTES_OF_A_CLIENT + 1))


def test_all_clients_together_are_bounded(
    router: zmq.Socket[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.UNREAD_BYTES > limits.UNREAD_BYTES_OF_A_CLIENT
    monkeypatch.setattr(limits, "UNREAD_BYTES", Limit(10 * MIB, "", ""))
    outbox = Outbox(router)
    first, second = client_of(router), client_of(router)
    outbox.send(first[1], bytes(8 * MIB))
    with pytest.raises(Undeliverable, match="too many bytes"):
        outbox.send(second[1], bytes(4 * MIB))
    outbox.send(second[1], b"small ones are bounded by their number")


def test_small_replies_are_bounded_by_their_number(router: zmq.Socket[bytes]) -> None:
    _, message = client_of(router)
    count, refused = sent_until_refused(Outbox(router), message, bytes(60_000))
    assert refused.kind == "unread"
    assert count < 2 * limits.UNREAD_REPLIES_OF_A_CLIENT


def test_a_client_that_is_gone(router: zmq.Socket[bytes]) -> None:
    with pytest.raises(Undeliverable, match="the client is gone") as caught:
        Outbox(router).send(Message((b"nobody", b""), (b"x",)), b"reply")
    assert caught.value.kind == "gone"
