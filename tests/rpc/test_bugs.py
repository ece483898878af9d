"""What is noted of bugs that cost one item of a list."""

from __future__ import annotations

from scapy_server.rpc import bugs
from scapy_server.rpc.dispatcher import Dispatcher
from scapy_server.rpc.method import Method


def fail(text: str) -> None:
    try:
        raise ValueError(text)
    except ValueError:
        bugs.note()


def test_few_are_kept_and_taken_once() -> None:
    for number in range(bugs.KEPT + 3):
        fail(f"number {number};")
    found = bugs.taken() or ""
    assert "number 0;" in found
    assert found.count("ValueError: ") == bugs.KEPT
    assert bugs.taken() is None


def test_long_ones_lose_their_beginning_and_all_can_be_sent() -> None:
    fail("x" * 2 * bugs.LONGEST + "\ud800 end")
    found = bugs.taken() or ""
    assert found.endswith("\\ud800 end\n")
    assert len(found.encode()) < bugs.LONGEST + 100


def test_they_come_with_the_reply_of_their_request() -> None:
    methods = (
        Method("list", lambda context: fail("of an item"), "", ""),
        Method("ping", lambda context: {}, "", ""),
    )
    dispatcher = Dispatcher(methods, None)
    call = b'{"jsonrpc":"2.0","id":1,"method":"%s"}'
    reply = dispatcher.handle(call % b"list")
    assert reply.error is None
    assert "of an item" in (reply.bug or "")
    fail("of nobody")
    assert dispatcher.handle(call % b"ping").bug is None
