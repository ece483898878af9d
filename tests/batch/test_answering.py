from __future__ import annotations

import pytest

from scapy_server.batch.answering import Answerer
from scapy_server.desk.editing import from_expression
from scapy_server.desk.questions import Question
from scapy_server.errors import ScapyServerError


def test_questions_are_answered_as_a_server_does(answer: Answerer) -> None:
    packet = answer.run(from_expression("Ether()/IP(ttl=3)"))
    assert [layer["id"] for layer in packet.layers] == ["Ether", "IP"]
    assert answer(Question("supported_methods", ("ping",))) is True


@pytest.mark.parametrize("text", ["Ether()/Nothing()", "Ether(", "os.system('x')"])
def test_what_a_server_refuses_is_refused(answer: Answerer, text: str) -> None:
    with pytest.raises(ScapyServerError):
        answer.run(from_expression(text))


def test_what_scapy_cannot_work_with_is_refused(answer: Answerer) -> None:
    with pytest.raises(ScapyServerError):
        answer(Question("build_pkt", ([{"id": "IP", "fields": [{"id": "options", "value": 5}]}],)))
