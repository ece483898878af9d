from __future__ import annotations

import pytest

from scapy_server.client import ClientError
from scapy_server.console.answers import Edited
from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.questions import ask
from tests.console.pipe import Pipe


def test_an_edit_is_a_step_only_where_something_changed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP(ttl=9)")
    answer = pipe.seat.edit("set", lambda packet: editing.set_field(packet, 1, "ttl", 9))
    assert isinstance(answer, Edited)
    assert answer.before.frame == answer.after.frame
    pipe.seat.edit("set", lambda packet: editing.set_field(packet, 1, "ttl", 8))
    assert pipe.session.document.history.past[-1].label == "set"


def test_what_fails_leaves_the_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()")
    before = pipe.session.current
    with pytest.raises(ClientError):
        pipe.seat.edit("set", lambda packet: editing.set_field(packet, 1, "ttl", 999))
    with pytest.raises(DeskError):
        pipe.seat.edit("cut", lambda packet: editing.cut_layers(packet, 0))
    assert pipe.session.current is before


def test_without_an_answer_the_packet_at_hand_stays(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe.run("open three.pcap")

    def away(method: str, params: object) -> object:
        raise ClientError(None, "nobody listens")

    monkeypatch.setattr(pipe.wire, "send", away)
    assert "nobody listens" in pipe.fail("next")
    monkeypatch.undo()
    assert pipe.session.document.position == 0
    assert pipe.run("goto 2").startswith("packet 2 of 3")


def test_a_method_that_the_server_does_not_know(pipe: Pipe) -> None:
    with pytest.raises(ClientError, match="does not know build_nothing; this needs a newer one"):
        pipe.seat.ask(ask("build_nothing"))


def test_what_is_said_on_the_way(pipe: Pipe) -> None:
    pipe.seat.say("so far")
    pipe.seat.as_json = True
    pipe.seat.say("not this")
    assert pipe.out.getvalue() == "so far\n"
