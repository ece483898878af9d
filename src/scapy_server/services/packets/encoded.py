"""Answers that never change while the same layers are loaded, encoded once."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import msgspec


class EncodedAnswers:
    """The JSON of answers by what was asked.

    Only for questions of which there are few: nothing is ever forgotten. They belong to one
    `Core`, and so to one generation: whatever is loaded anew is another core, in another process.
    """

    def __init__(self) -> None:
        self._answers: dict[Hashable, msgspec.Raw] = {}

    def get(self, question: Hashable, answer: Callable[[], object]) -> msgspec.Raw:
        """The JSON of `answer()`, which is called the first time only."""
        encoded = self._answers.get(question)
        if encoded is None:
            encoded = msgspec.Raw(msgspec.json.encode(answer()))
            self._answers[question] = encoded
        return encoded
