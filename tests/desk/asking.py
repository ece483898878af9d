"""Questions of the desk answered by the service in this process."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from scapy_server.client import ClientError
from scapy_server.desk.questions import Asking, Question, answered
from scapy_server.errors import ScapyServerError
from scapy_service import Scapy_service

T = TypeVar("T")


@cache
def service() -> Scapy_service:
    """One for all tests of a process, as loading the layers takes a second."""
    return Scapy_service()


class Answerer:
    """Asks the real methods, without a wire; remembers what was asked."""

    def __init__(self) -> None:
        self._service = service()
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Any:
        self.asked.append(question)
        try:
            params = json.loads(json.dumps(question.params))  # as they come off the wire
            return getattr(self._service, question.method)(*params)
        except ScapyServerError as error:
            raise ClientError(error.code, error.message) from error

    def run(self, command: Asking[T]) -> T:
        """What a command of the desk returns."""
        return answered(command, self)
