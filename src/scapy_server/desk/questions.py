"""What commands ask a server: a method with parameters, and who waits for the result.

A command is a generator of type `Asking[T]`: `result = yield Question(...)`, and it returns a
`T`. `answered` runs one with a plain function, `answered_later` with a coroutine; an error that
asking raises is raised inside the command, at its `yield`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """A method of the server and its parameters, by position."""

    method: str
    params: tuple[Any, ...] = ()


Asking = Generator[Question, Any, T]


def ask(method: str, *params: Any) -> Asking[Any]:
    """The result of one method."""
    result = yield Question(method, params)
    return result


def answered(command: Asking[T], answer: Callable[[Question], Any]) -> T:
    """What a command returns, its questions answered one after the other."""
    try:
        question = next(command)
        while True:
            try:
                result = answer(question)
            except Exception as error:
                question = command.throw(error)
            else:
                question = command.send(result)
    except StopIteration as end:
        value: T = end.value
        return value


async def answered_later(command: Asking[T], answer: Callable[[Question], Awaitable[Any]]) -> T:
    """As `answered`, where each answer is waited for."""
    try:
        question = next(command)
        while True:
            try:
                result = await answer(question)
            except Exception as error:
                question = command.throw(error)
            else:
                question = command.send(result)
    except StopIteration as end:
        value: T = end.value
        return value
