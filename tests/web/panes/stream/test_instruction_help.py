"""What is said of instructions, as the service says it."""

from __future__ import annotations

import base64

from scapy_server.desk.questions import Question
from scapy_server.web.panes.stream.instruction_help import InstructionHelp, read_help
from tests.desk.asking import Answerer


def test_every_instruction_says_what_it_does_and_what_each_parameter_is() -> None:
    instructions = Answerer()(Question("get_definitions", (None,)))["feInstructions"]
    for each in instructions:
        found = read_help(each["help"])
        assert found.about.endswith((".", ")")), each["id"]
        assert set(found.parameters) == set(each["parameters"]), each["id"]
    variable = next(each for each in instructions if each["id"] == "STLVmFlowVar")
    assert read_help(variable["help"]).parameters["step"].startswith("How far the value moves per")


def test_help_of_another_make_is_read_as_far_as_it_can_be() -> None:
    plain = base64.b64encode(b"<h3>Trims</h3>\nthe packet").decode()
    assert read_help(plain) == InstructionHelp("<h3>Trims</h3> the packet")
    assert read_help("no base64!") == InstructionHelp()
    assert read_help("") == InstructionHelp()
