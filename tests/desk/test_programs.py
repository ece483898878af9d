from __future__ import annotations

import pytest

from scapy_server.desk import editing
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.programs import compiled, explained, played, with_instruction
from scapy_server.desk.questions import answered
from tests.desk.asking import Answerer

VARIABLE = {"id": "STLVmFlowVar", "parameters": {"name": "x", "size": "1", "max_value": "9"}}
WRITE = {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "x", "pkt_offset": "IP.ttl"}}


@pytest.fixture
def packet(answerer: Answerer) -> Packet:
    return answerer.run(editing.built([{"id": "Ether"}, {"id": "IP"}]))


def test_an_instruction_is_checked_before_it_is_taken(answerer: Answerer, packet: Packet) -> None:
    program = answerer.run(with_instruction(packet, Program(), VARIABLE))
    program = answerer.run(with_instruction(packet, program, WRITE))
    assert program.instructions == (VARIABLE, WRITE)
    wrong = {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "y"}}
    with pytest.raises(DeskError, match=r"instruction 2 \(STLVmWrFlowVar\), parameter"):
        answerer.run(with_instruction(packet, program, wrong))


def test_what_was_wrong_before_does_not_stand_in_the_way(
    answerer: Answerer, packet: Packet
) -> None:
    program = answerer.run(with_instruction(packet, Program((WRITE,)), VARIABLE))
    assert answerer.run(compiled(packet, program))["instructions"]["instructions"]


def test_compiled_and_explained(answerer: Answerer, packet: Packet) -> None:
    program = Program((VARIABLE, WRITE))
    vm = answerer.run(compiled(packet, program))["instructions"]
    assert [each["type"] for each in vm["instructions"]] == ["flow_var", "write_flow_var"]
    assert "10 different packets" in answerer.run(explained(packet, program))["summary"]
    for command in (compiled, explained):
        with pytest.raises(DeskError, match="there is no variable 'x'"):
            answerer.run(command(packet, Program((WRITE,))))


def test_bytes_are_played_as_they_are(answerer: Answerer) -> None:
    frame = bytes(12) + bytes.fromhex("0800 4500 0014 0001 0000 4000 ffff 00000000 00000000")
    packet = answerer.run(editing.dissected(frame))
    rendered = answerer.run(played(packet, Program((VARIABLE, WRITE)), 3, 2))
    assert [each["index"] for each in rendered["packets"]] == [3, 4]
    changes = [each["changes"] for each in rendered["packets"]]
    assert [[change["field"] for change in each] for each in changes] == [["ttl"], ["ttl"]]


@pytest.mark.parametrize("command", [compiled, explained])
@pytest.mark.parametrize("answer", [None, 5, {}, {"field_engine": 5}])
def test_servers_of_another_kind(packet: Packet, command: object, answer: object) -> None:
    assert callable(command)
    with pytest.raises(DeskError, match="the server's answer"):
        answered(command(packet, Program()), lambda question: answer)
