"""What a client is told when a command is not carried out.

The texts are those that TRex's own server sends, for its clients show them to people and
its scripts look for them; `docs/ports.md` lists the codes.
"""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """A command that is not carried out; only subclasses are raised.

    `code` and `title` are the JSON-RPC error's code and message, `text` its `specific_err`,
    which clients show instead of the message.
    """

    code: ClassVar[int]
    title: str

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class BadRequest(Refusal):
    """The message is JSON, but no request, as `title` says."""

    code = -32600

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title


class UnknownMethod(Refusal):
    """There is no method of this name."""

    code = -32601

    def __init__(self, name: str) -> None:
        super().__init__()
        self.title = f"Method {name} not registered"


class BadParameters(Refusal):
    """A parameter is missing, of another type, or out of range."""

    code = -32602
    title = "Bad parameters for method"


class NotExecuted(Refusal):
    """The command is understood, and the state of things forbids it."""

    code = -32000
    title = "Failed To Execute Method"


class NoResults(Refusal):
    """There is nothing (more) to be had for this ticket."""

    code = -32003
    title = "No results for request"
