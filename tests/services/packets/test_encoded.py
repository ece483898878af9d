from __future__ import annotations

import msgspec

from scapy_server.services.packets.encoded import EncodedAnswers


def test_an_answer_is_made_once() -> None:
    asked = []

    def answer() -> dict[str, int]:
        asked.append(1)
        return {"a": 1}

    answers = EncodedAnswers()
    first, again = answers.get("question", answer), answers.get("question", answer)
    assert msgspec.json.encode([first, again]) == b'[{"a":1},{"a":1}]'
    assert len(asked) == 1
    assert bytes(answers.get("other", lambda: None)) == b"null"
