"""Request bytes in, reply bytes out."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET

from scapy_server.errors import ErrorCode, InvalidRequest, MethodNotFound, ScapyServerError
from scapy_server.rpc.binding import bind, bind_first_version
from scapy_server.rpc.envelope import NO_ID, Refusal, failure, read_request, success
from scapy_server.rpc.method import Method


@dataclass(frozen=True)
class Reply:
    """A reply, and what the server wants to know of it.

    `method` is the method that was found, `error` the code of an error reply,
    `shut_down` whether the service is to end once `data` is sent, `bug` the traceback of
    a failure of ours, for the log, and `note` what is to be handed over to the front.
    """

    data: bytes
    method: str | None = None
    error: ErrorCode | None = None
    shut_down: bool = False
    bug: str | None = None
    note: bytes = b""


class Dispatcher:
    """Answers requests from a fixed table of methods.

    `context` is handed to every method's function; `version_handler` is the string that
    versioned methods accept in front of their parameters. `note` makes the note of a
    reply from the context, the method, the message and the result.
    """

    def __init__(
        self,
        methods: Iterable[Method],
        context: object,
        version_handler: str,
        note: Callable[[Any, Method, bytes, object], bytes] | None = None,
    ) -> None:
        self._note = note
        self._methods = {method.name: method for method in methods}
        self._context = context
        self._version_handler = version_handler

    @property
    def names(self) -> list[str]:
        """The names of all methods."""
        return list(self._methods)

    def handle(self, message: bytes) -> Reply:
        """Answer a message of any bytes. Never raises an Exception but MemoryError.

        Who is out of memory can do nothing more, and is best ended by whoever runs it.
        """
        request = read_request(message)
        if isinstance(request, Refusal):
            return _failed(request.id, request.error)
        method = self._methods.get(request.method)
        if method is None:
            return _failed(request.id, MethodNotFound())
        try:
            result = self._call(method, request.params)
            return Reply(
                success(request.id, result),
                method.name,
                shut_down=method.ends_service,
                note=self._note(self._context, method, message, result) if self._note else b"",
            )
        except ScapyServerError as error:
            return _failed(request.id, error, method.name)
        except MemoryError:
            raise
        except Exception:  # a bug of ours, whatever it is: the client still gets an answer
            data = failure(request.id, ErrorCode.UNKNOWN_ERROR, "Scapy Server: Unknown Error")
            return Reply(
                data, method.name, ErrorCode.UNKNOWN_ERROR, bug=traceback.format_exc(chain=True)
            )

    def call(self, name: str, params: object = UNSET) -> object:
        """Call a method without the wire; raises ScapyServerError."""
        method = self._methods.get(name)
        if method is None:
            raise MethodNotFound
        return self._call(method, params)

    def _call(self, method: Method, params: object) -> object:
        if method.first_version is not None:
            first = bind_first_version(method, params)
            if first is not None:
                return method.first_version.function(self._context, *first)
        arguments = bind(method, params, self._version_handler)
        return method.function(self._context, *arguments)


def refusal(problem: str) -> Reply:
    """The reply to a message that is not even one frame of bytes to read."""
    return _failed(NO_ID, InvalidRequest(problem))


def _failed(request_id: msgspec.Raw, error: ScapyServerError, method: str | None = None) -> Reply:
    return Reply(failure(request_id, error.code, error.message), method, error.code)
