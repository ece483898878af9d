"""What a worker makes of the dispatcher's replies; test_faults has real ones."""

from __future__ import annotations

import json

import pytest

from scapy_server import ClientError, limits
from scapy_server.errors import ErrorCode
from scapy_server.rpc import Reply
from scapy_server.workers import worker
from scapy_server.workers.channel import Kind
from tests.server.processes import small_server

REQUEST = b'{"jsonrpc":"2.0","id":"x","method":"m"}'


def test_an_answer_tells_what_the_front_needs() -> None:
    reply = Reply(b"data", "m", ErrorCode.SERVER_ERROR, shut_down=True, bug="bug", note=b"note")
    answer = worker.answer_of(reply, REQUEST)
    assert (answer.reply, answer.note) == (b"data", b"note")
    head = answer.head
    assert (head.kind, head.method, head.error) == (Kind.ANSWER, "m", -32098)
    assert (head.shut_down, head.bug) == (True, "bug")
    assert head.memory > 1024 * 1024


def test_a_reply_that_is_too_large() -> None:
    fits = worker.answer_of(Reply(bytes(limits.REPLY_BYTES), "m"), REQUEST)
    assert fits.head.error is None
    assert len(fits.reply) == limits.REPLY_BYTES
    large = worker.answer_of(Reply(bytes(limits.REPLY_BYTES + 1), "m"), REQUEST)
    assert large.head.error == -32098
    reply = json.loads(large.reply)
    assert reply["id"] == "x"
    assert "a reply may be at most 268435456 bytes, this is 268435457" in reply["error"]["message"]


@pytest.mark.processes
def test_a_request_has_processor_time_and_no_more() -> None:
    assert limits.REQUEST_PROCESSOR_MILLISECONDS == 1000
    with small_server(workers=1) as server:
        (before,) = server.workers
        with pytest.raises(ClientError, match="of a worker for a request may be at most 1000"):
            server.client.call("spin")
        assert server.client.call("echo", 1) == 1
        status = server.client.server_status()
        assert status.restarts.by_reason == {"spent": 1}
        assert status.restarts.backing_off_seconds == 0
        assert status.workers[0].pid != before
        assert server.client.call("sleep", 1.5) == 1.5, "waiting takes no processor time"
