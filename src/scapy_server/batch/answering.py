"""The desk's questions answered in this process, without a server."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from scapy_server.desk.questions import Asking, Question, answered
from scapy_server.rpc.dispatcher import Dispatcher
from scapy_server.services.packets.core import Core
from scapy_server.services.packets.refusals import refusing
from scapy_server.services.packets.table import DIALECTS, METHODS

T = TypeVar("T")


class Answerer:
    """Answers as a server would, except that nobody else waits: no request's time is bound."""

    def __init__(self, core: Core) -> None:
        self._dispatcher = Dispatcher(METHODS, core, DIALECTS)

    def __call__(self, question: Question) -> Any:
        """The result; raises ScapyServerError."""
        with refusing():
            result = self._dispatcher.call(question.method, list(question.params))
        return msgspec.json.decode(msgspec.json.encode(result))

    def run(self, command: Asking[T]) -> T:
        """What a command of the desk returns; raises what it raises, and ScapyServerError."""
        return answered(command, self)
