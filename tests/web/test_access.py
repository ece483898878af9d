from __future__ import annotations

import asyncio
import socket
from collections.abc import MutableMapping
from typing import Any

import pytest

from scapy_server.web.access import COOKIE, Guard, Receive, Rule, Scope, Send
from scapy_server.web.application import address, rule_of

LOCAL = Rule(frozenset({"localhost", "127.0.0.1"}))
OPEN = Rule(frozenset({"192.0.2.1"}), "secret")


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"host": "localhost:8080"}, True),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}, True),
        ({"host": "LOCALHOST"}, True),
        ({"host": "evil.example:8080"}, False),  # a name bent to this machine
        ({"host": "localhost.evil.example"}, False),
        ({"host": "[::bad"}, False),
        ({"host": ""}, False),
        ({}, False),
        ({"host": "localhost:8080", "origin": "http://evil.example"}, False),
        ({"host": "localhost:8080", "origin": "http://localhost:9"}, False),
        ({"host": "localhost:8080", "origin": "null"}, False),
    ],
)
def test_whose_pages_are_answered(headers: dict[str, str], admitted: bool) -> None:
    assert LOCAL.admits(headers, "") is admitted


@pytest.mark.parametrize(
    ("query", "cookie", "admitted"),
    [
        ("token=secret", "", True),
        ("", f"{COOKIE}=secret", True),
        ("", f"a=b; {COOKIE}=secret", True),
        ("", "", False),
        ("token=Secret", "", False),
        ("token=", f"{COOKIE}=", False),
        ("", "\u00fc=\u00fc;;;", False),
    ],
)
def test_the_token_of_an_address_that_others_reach(query: str, cookie: str, admitted: bool) -> None:
    assert OPEN.admits({"host": "192.0.2.1:80", "cookie": cookie}, query) is admitted


def test_who_listens_on_all_addresses_answers_to_each_with_the_token() -> None:
    rule = rule_of(address("0.0.0.0", 8080, "192.0.2.9"))
    assert rule.token is not None
    for host, query, admitted in (
        ("198.51.100.7:8080", f"token={rule.token}", True),
        ("[2001:db8::1]:8080", f"token={rule.token}", True),
        ("198.51.100.7:8080", "", False),
        ("evil.example:8080", f"token={rule.token}", False),
        (f"{socket.gethostname()}:8080", f"token={rule.token}", True),
    ):
        assert rule.admits({"host": host}, query) is admitted
    assert address("0.0.0.0", 8080, "192.0.2.9").url.startswith("http://192.0.2.9:8080/?token=")
    local = rule_of(address("127.0.0.1", 8080))
    assert local.token is None
    assert not local.admits({"host": "198.51.100.7:8080"}, "")


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


def answers(rule: Rule, kind: str, host: str, query: str = "") -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("nothing is read of a request")

    scope = {
        "type": kind,
        "headers": [(b"host", host.encode())],
        "query_string": query.encode(),
    }
    asyncio.run(Guard(hello, rule)(scope, receive, send))
    return sent


def test_the_guard_answers_403_and_closes_sockets() -> None:
    assert answers(LOCAL, "http", "evil.example")[0]["status"] == 403
    assert answers(LOCAL, "websocket", "evil.example")[0]["type"] == "websocket.close"
    assert answers(LOCAL, "http", "localhost")[0]["status"] == 200


def test_the_token_becomes_a_cookie_that_no_other_site_sends() -> None:
    start = answers(OPEN, "http", "192.0.2.1", "token=secret")[0]
    cookie = dict(start["headers"])[b"set-cookie"].decode()
    assert cookie.startswith(f"{COOKIE}=secret;")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert answers(OPEN, "http", "192.0.2.1")[0]["status"] == 403
