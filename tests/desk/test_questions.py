from __future__ import annotations

import asyncio

import pytest

from scapy_server.desk.questions import Asking, Question, answered, answered_later, ask


def both(first: str, second: str) -> Asking[str]:
    one = yield from ask(first, 1)
    try:
        two = yield from ask(second)
    except KeyError as error:
        two = f"no {error.args[0]}"
    return f"{one}, {two}"


def answer(question: Question) -> str:
    if question.method == "missing":
        raise KeyError("answer")
    if question.method == "broken":
        raise ValueError("broken")
    return f"{question.method}{list(question.params)}"


async def answer_later(question: Question) -> str:
    await asyncio.sleep(0)
    return answer(question)


@pytest.mark.parametrize(("second", "result"), [("b", "a[1], b[]"), ("missing", "a[1], no answer")])
def test_questions_are_answered_in_turn(second: str, result: str) -> None:
    assert answered(both("a", second), answer) == result
    assert asyncio.run(answered_later(both("a", second), answer_later)) == result


def test_an_error_that_the_command_does_not_handle_comes_out() -> None:
    with pytest.raises(ValueError, match="broken"):
        answered(both("a", "broken"), answer)
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(answered_later(both("a", "broken"), answer_later))
