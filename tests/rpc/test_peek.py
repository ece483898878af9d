from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.rpc.envelope import Refusal, read_request
from scapy_server.rpc.peek import (
    LONGEST_DIAGNOSED,
    LONGEST_SKIPPED,
    fingerprint,
    peek,
    request_id,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("message", "method", "request_id"),
    [
        (b'{"jsonrpc":"2.0","id":"1","method":"ping"}', "ping", b'"1"'),
        (b'{"method":"ping","params":[{"method":"x","id":9}],"id":7}', "ping", b"7"),
        (b'{"id":{"a":1},"method":"ping"}', "ping", b'{"a":1}'),
        (b'{"method":"ping"}', "ping", b"null"),
        (b'{"method":5,"id":1}', "", b"null"),
        (b"[]", "", b"null"),
        (b"", "", b"null"),
        (b'{"method":"ping","id":1,"\xff":2}', "", b"null"),
        (b'{"method":"ping","id":"\xff"}', "", b"null"),
        (b"\xff", "", b"null"),
        (b"[" * 100_000, "", b"null"),
    ],
)
def test_cases(message: bytes, method: str, request_id: bytes) -> None:
    glance = peek(message)
    assert (glance.method, bytes(glance.id)) == (method, request_id)


@given(st.binary() | st.builds(lambda value: json.dumps(value).encode(), JSON))
def test_any_message_has_the_id_of_its_reply(message: bytes) -> None:
    assert bytes(request_id(message)) == bytes(read_request(message).id)
    fingerprint(message)


@given(JSON, st.text(), JSON)
def test_it_sees_what_the_dispatcher_will_see(identity: Any, method: str, params: Any) -> None:
    message = json.dumps(
        {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}
    ).encode()
    request = read_request(message)
    if not isinstance(request, Refusal):
        glance = peek(message)
        assert (glance.method, bytes(glance.id)) == (request.method, bytes(request.id))


def test_fingerprints_tell_content_and_not_ids() -> None:
    def of(identity: int, method: str, *params: Any) -> bytes:
        return fingerprint(
            json.dumps({"id": identity, "method": method, "params": params}).encode()
        )

    assert of(1, "a", 1) == of(2, "a", 1)
    assert len({of(1, "a", 1), of(1, "b", 1), of(1, "a", 2), of(1, "a")}) == 4
    assert fingerprint(b"\xff") != fingerprint(b"\xfe")


LONG = b"1," * LONGEST_SKIPPED


@pytest.mark.parametrize(
    ("message", "method", "request_id"),
    [
        (b'{"jsonrpc":"2.0","id":5,"method":"m","params":[' + LONG + b"1]}", "m", b"5"),
        (b'{"method" : "m" , "params":[' + LONG + b'1], "id":"x"}', "m", b'"x"'),
        (b'{"method":"m","params":[' + LONG + b'{"id":5}]}', "m", b"null"),
        (b'{"method":"m","params":["' + LONG + b'\\"id\\":5}"]}', "m", b"null"),
        (b'{"params":[' + LONG + b'1],"method":"m","id":5}', "", b"null"),
        (LONG, "", b"null"),
    ],
)
def test_of_a_long_message_only_the_ends_are_seen(
    message: bytes, method: str, request_id: bytes
) -> None:
    glance = peek(message)
    assert (glance.method, bytes(glance.id)) == (method, request_id)


def test_a_long_message_is_not_read_for_its_id() -> None:
    message = b'{"id":5,"method":6,"params":"' + b"x" * LONGEST_DIAGNOSED + b'"}'
    assert bytes(request_id(message)) == b"null"


def test_fingerprints_of_long_messages_tell_ends_and_length() -> None:
    assert len({fingerprint(each) for each in (LONG, LONG + b"1", b"2" + LONG[1:])}) == 3
