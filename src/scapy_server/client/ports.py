"""A client of a ports server, for those who only want to look or to start and stop."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from scapy_server.client.connection import ClientError, Connection

DEFAULT_PORTS_SERVER = "localhost:4501"
_API = {"name": "STL", "major": 5, "minor": 1}


class PortsClient:
    """Calls methods of a ports server by name; ClientError for an error reply or none.

    Ports that were acquired are known by their handlers until the client is closed.
    """

    def __init__(self, server: str = DEFAULT_PORTS_SERVER, timeout: float = 5.0) -> None:
        self._connection = Connection(server, timeout)
        self._numbers = itertools.count(1)
        self._api_handler: str | None = None
        self._handlers: dict[int, str] = {}
        #: Is told of each message: a title, and the message.
        self.observer: Callable[[str, Any], None] | None = None

    def __enter__(self) -> PortsClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; ports stay owned."""
        self._connection.close()

    def call(self, method: str, **params: Any) -> Any:
        """The result of a method."""
        if self._api_handler is None:
            self._api_handler = self._call("api_sync_v2", dict(_API))["api_h"]
        return self._call(method, {"api_h": self._api_handler, **params})

    def acquire(self, port: int, user: str, session: int, force: bool) -> None:
        """Own a port."""
        self._handlers[port] = self.call(
            "acquire", port_id=port, user=user, session_id=session, force=force
        )

    def release(self, port: int) -> None:
        """Give a port up."""
        self.on_port("release", port)
        self._handlers.pop(port, None)

    @property
    def acquired(self) -> tuple[int, ...]:
        """The ports that were acquired and not released."""
        return tuple(self._handlers)

    def on_port(self, method: str, port: int, **params: Any) -> Any:
        """The result of a method of a port that was acquired."""
        handler = self._handlers.get(port, "")
        return self.call(method, port_id=port, handler=handler, **params)

    def _call(self, method: str, params: dict[str, Any]) -> Any:
        number = next(self._numbers)
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        if self.observer is not None:
            self.observer("Sending Request To Server", request)
        reply = self._connection.exchange(json.dumps(request).encode())
        try:
            answer = json.loads(reply)
            if self.observer is not None:
                self.observer("Server Response", answer)
            error = answer.get("error")
            if error is None:
                return answer["result"]
            raise ClientError(error["code"], error.get("specific_err", error["message"]))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ClientError(None, "the answer is none of a ports server") from problem
