"""Request bytes in, reply bytes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from scapy_server.errors import ErrorCode, MethodNotFound, ScapyServerError, UnknownError
from scapy_server.rpc import bugs
from scapy_server.rpc.binding import bind
from scapy_server.rpc.dialect import Dialect
from scapy_server.rpc.envelope import (
    NO_ID,
    Refusal,
    Request,
    failure,
    is_batch,
    read_batch,
    read_request,
    success,
)
from scapy_server.rpc.method import Method

R = TypeVar("R")

#: Stands for the method of a reply to a batch.
BATCH = "(batch)"


class Reply(msgspec.Struct, frozen=True):
    """A reply, and what the server wants to know of it.

    `method` is the method that was found, `error` the code of an error reply,
    `shut_down` whether the service is to end once `data` is sent, `bug` the traceback of
    a failure of ours, for the log, and `note` what is to be handed over to the front.
    `rest` is what follows `data` in a text that is kept for many and not copied for each.
    """

    data: bytes
    method: str | None = None
    error: ErrorCode | None = None
    shut_down: bool = False
    bug: str | None = None
    note: bytes = b""
    rest: tuple[bytes, ...] = ()

    @property
    def pieces(self) -> tuple[bytes, ...]:
        """The whole text, piece by piece."""
        return (self.data, *self.rest)

    @property
    def text(self) -> bytes:
        """The whole text."""
        return b"".join(self.pieces)

    @property
    def size(self) -> int:
        """The bytes of the whole text."""
        return sum(map(len, self.pieces))


class Noted(msgspec.Struct, Generic[R], frozen=True):
    """What a method gives beside its result for the note of the reply."""

    result: R
    learned: Any


class Dispatcher:
    """Answers requests from a fixed table of methods.

    `context` is handed to every method's function; `dialects` are the other ways in which
    calls may be written. `note` makes the note of a reply from the method, the message, the
    result and what was learned on the way. With `batches` an array of requests is answered
    by an array of replies in the same order. Each call runs inside of `around()`. `refuses`
    knows the exceptions of a library that are the fault of what it was given, and says so;
    they are logged all the same.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (what a service may want of it)
        self,
        methods: Iterable[Method],
        context: object,
        dialects: Sequence[Dialect] = (),
        note: Callable[[Any, bytes, object, Any], bytes] | None = None,
        batches: bool = False,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        refuses: Callable[[Exception], ScapyServerError | None] = lambda error: None,
    ) -> None:
        self._note = note
        self._methods = {method.name: method for method in methods}
        self._context = context
        self._dialects = tuple(dialects)
        self._batches = batches
        self._around = around
        self._refuses = refuses

    @property
    def methods(self) -> list[Method]:
        """All methods."""
        return list(self._methods.values())

    def knows(self, name: str) -> bool:
        """Whether there is a method of this name."""
        return name in self._methods

    def handle(self, message: bytes) -> Reply:
        """Answer a message of any bytes. Never raises an Exception but MemoryError.

        Who is out of memory can do nothing more, and is best ended by whoever runs it.
        """
        if self._batches and is_batch(message):
            return self._handle_batch(message)
        return self._handle(read_request(message), message)

    def _handle_batch(self, message: bytes) -> Reply:
        try:
            requests = read_batch(message)
        except ScapyServerError as error:
            return _failed(Refusal(NO_ID, error), BATCH)
        replies = [self._handle(read_request(request), request) for request in requests]
        bugs = [reply.bug for reply in replies if reply.bug is not None]
        return Reply(
            b"[" + b",".join(reply.data for reply in replies) + b"]",
            BATCH,
            shut_down=any(reply.shut_down for reply in replies),
            bug="\n".join(bugs) or None,
        )

    def _handle(self, request: Request | Refusal, message: bytes) -> Reply:
        if isinstance(request, Refusal):
            return _failed(request)
        method = self._methods.get(request.method)
        if method is None:
            return _failed(Refusal(request.id, MethodNotFound()))
        bugs.taken()  # if the last request was stopped in the middle
        try:
            given = self._call(method, request.params)
            noted = given if isinstance(given, Noted) else Noted(given, None)
            return Reply(
                success(request.id, noted.result),
                method.name,
                shut_down=method.ends_service,
                bug=bugs.taken(),
                note=b""
                if self._note is None
                else self._note(method, message, noted.result, noted.learned),
            )
        except ScapyServerError as error:
            return _failed(Refusal(request.id, error), method.name)
        except MemoryError:
            raise
        except Exception as error:
            # A bug of ours, whatever it is: the client still gets an answer.
            refusal = Refusal(request.id, self._refuses(error) or UnknownError())
            return replace(_failed(refusal, method.name), bug=bugs.text())

    def call(self, name: str, params: object = UNSET) -> object:
        """Call a method without the wire; raises ScapyServerError."""
        method = self._methods.get(name)
        if method is None:
            raise MethodNotFound
        given = self._call(method, params)
        return given.result if isinstance(given, Noted) else given

    def _call(self, method: Method, params: object) -> object:
        with self._around():
            for dialect in self._dialects:
                call = dialect.call(method, params)
                if call is not None:
                    return call.function(self._context, *call.arguments)
            return method.function(self._context, *bind(method, params))


def _failed(refusal: Refusal, method: str | None = None) -> Reply:
    error = refusal.error
    return Reply(failure(refusal.id, error.code, error.message), method, error.code)
