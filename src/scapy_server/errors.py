"""The one family of errors, each with the code that goes over the wire.

Whoever finds fault with a request raises a subclass of `ScapyServerError` with a
sentence that says what is wrong and what would be right. Code between the finder
and the dispatcher that knows *where* (layer, field, packet number) adds it with
`located`. Anything else that reaches the dispatcher is a bug of ours and is
answered as `UNKNOWN_ERROR`.

Source: RPC document, "Error Codes"; docs/wire.md, "Error codes".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import IntEnum
from types import TracebackType
from typing import ClassVar


class ErrorCode(IntEnum):
    """The documented codes of error replies."""

    PARSE_ERROR = -32700
    INVALID_REQUEST = -32600
    METHOD_NOT_FOUND = -32601
    INVALID_PARAMS = -32603
    SYNTAX_ERROR = -32097
    SERVER_ERROR = -32098
    UNKNOWN_ERROR = -32096


class ScapyServerError(Exception):
    """Base of all errors that are answered; only its subclasses are raised.

    `problem` is the sentence, `where` the places it concerns, outermost first.
    """

    code: ClassVar[ErrorCode]
    title: ClassVar[str]

    def __init__(self, problem: str = "", where: tuple[str, ...] = ()) -> None:
        super().__init__(problem)
        self.problem = problem
        self.where = where

    @property
    def detail(self) -> str:
        """What is wrong in one sentence: where, then what."""
        return ": ".join(part for part in (", ".join(self.where), self.problem) if part)

    @property
    def message(self) -> str:
        """The text of the error reply: title, then where, then what."""
        return f"{self.title}: {self.detail}" if self.detail else self.title

    def __str__(self) -> str:
        return self.message


class UnknownError(ScapyServerError):
    """A bug of ours. The reply says no more; the log has its traceback."""

    code = ErrorCode.UNKNOWN_ERROR
    title = "Scapy Server: Unknown Error"


class ParseError(ScapyServerError):
    """The message is not JSON."""

    code = ErrorCode.PARSE_ERROR
    title = "Parse Error"


class InvalidRequest(ScapyServerError):
    """The message is JSON, but not a request."""

    code = ErrorCode.INVALID_REQUEST
    title = "Invalid Request"


class MethodNotFound(ScapyServerError):
    """There is no such method. Clients compare the whole text, so it carries no detail."""

    code = ErrorCode.METHOD_NOT_FOUND
    title = "Method not found"


class InvalidParams(ScapyServerError):
    """Wrong number, names or JSON types of parameters."""

    code = ErrorCode.INVALID_PARAMS
    title = "Invalid params"


class ExpressionSyntaxError(ScapyServerError):
    """The text of an expression is not Python syntax.

    `line` is the line at fault, and `at_end` whether it was only noticed at the text's end.
    """

    code = ErrorCode.SYNTAX_ERROR
    title = "Syntax Error"
    line = 1
    at_end = False


class RefusedError(ScapyServerError):
    """The request is well-formed, but what it asks for cannot be done."""

    code = ErrorCode.SERVER_ERROR
    title = "Scapy Server"


class UndefinedName(RefusedError):
    """An expression has a `name` that is neither a layer nor a constructor."""

    def __init__(self, name: str, problem: str, where: tuple[str, ...] = ()) -> None:
        super().__init__(problem, where)
        self.name = name


def located(where: str | Callable[[], str]) -> AbstractContextManager[None]:
    """Put `where` in front of the places of any `ScapyServerError` raised inside.

    What is dear to say may be given as a function, which is called only then.
    """
    return _Located(where)


class _Located:
    """Entered for every layer and field, so a generator would show."""

    __slots__ = ("_where",)

    def __init__(self, where: str | Callable[[], str]) -> None:
        self._where = where

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ScapyServerError):
            where = self._where if isinstance(self._where, str) else self._where()
            error.where = (where, *error.where)


def shown(value: object, limit: int = 60) -> str:
    """The value as error sentences quote it: its repr, cut to `limit` characters.

    Never raises: what has no repr, as layers with values that nobody can show, is told by
    its type.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 4 * limit:
        return f"a number of {value.bit_length()} bits"
    try:
        text = repr(value[: limit + 1] if isinstance(value, str | bytes) else value)
    except Exception:
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= limit else text[: limit - 1] + "…"
