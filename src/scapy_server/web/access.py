"""Who may drive the editor: pages that it served itself, with the token where one is needed.

Source: Fetch standard, "Origin header"; RFC 9110, section 7.2 (Host).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "scapy-server-token"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Rule:
    """What is let in: requests for one of these `hosts`, and with `token` if there is one.

    Who listens on all addresses cannot know them: then `any_address` is as good as a name, for no
    name can be bent to it, and the token is asked for all the same.
    """

    hosts: frozenset[str]
    token: str | None = None
    any_address: bool = False

    def admits(self, headers: Mapping[str, str], query: str) -> bool:
        """Whether a request with these headers, names in lower case, may be answered.

        Another site's page is told by its Origin, which must be the host that was asked; a
        name that was bent to this address is told by its Host.
        """
        host = headers.get("host", "")
        name = _name(host)
        if name not in self.hosts and not (self.any_address and _is_address(name)):
            return False
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return False
        if headers.get("sec-fetch-site") == "cross-site" and origin is not None:
            return False
        return self.token is None or self._knows_token(headers, query)

    def _knows_token(self, headers: Mapping[str, str], query: str) -> bool:
        assert self.token is not None
        given = parse_qs(query).get("token", [""])[0]
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            cookie = None
        kept = "" if cookie is None else cookie.value
        wanted = self.token.encode()
        return any(hmac.compare_digest(text.encode(), wanted) for text in (given, kept))


class Guard:
    """Lets only what the rule admits through to the application, others get 403."""

    def __init__(self, app: Application, rule: Rule) -> None:
        self._app = app
        self._rule = rule

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        query = scope.get("query_string", b"").decode("latin-1")
        if not self._rule.admits(headers, query):
            await _refuse(scope["type"], send)
        elif self._rule.token is None or scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _with_cookie(send, self._rule.token))


def _name(host: str) -> str:
    """The host of `host:port` and `[address]:port`, in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_wildcard(host: str) -> bool:
    """Whether it stands for all addresses of this machine."""
    return _is_address(host) and ip_address(host).is_unspecified


def _with_cookie(send: Send, token: str) -> Send:
    cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/".encode()

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie)]
        await send(message)

    return sending


async def _refuse(kind: str, send: Send) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "not from this page"})
        return
    text = (
        b"This editor answers its own pages only; open the address that it printed at its start.\n"
    )
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": text})
