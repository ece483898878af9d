"""What is written as code builds the same bytes where it is run."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from scapy_server.desk import code
from scapy_server.desk.editing import built, from_expression
from scapy_server.desk.packet import Program
from tests.desk.asking import Answerer

MODEL = [{"id": "Ether"}, {"id": "IP"}, {"id": "UDP", "fields": [{"id": "dport", "value": 9}]}]
PROGRAM = Program(({"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}},))


@pytest.fixture
def written(answerer: Answerer) -> code.Material:
    return answerer.run(code.material(answerer.run(built(MODEL)), Program()))


def test_each_form_has_a_name_and_ends_with_a_line(written: code.Material) -> None:
    texts = {form.name: form.write(written) for form in code.FORMS}
    assert len(texts) == len(code.FORMS)
    assert all(text.endswith("\n") for text in texts.values())


def test_the_expression_builds_the_packet(answerer: Answerer, written: code.Material) -> None:
    frame = written.packet.frame
    assert answerer.run(from_expression(written.expression)).frame == frame
    text = code.scapy_expression(written)
    assert f"packet = {written.expression}" in text
    assert bytes(Ether(frame)) == frame and IP in Ether(frame) and UDP in Ether(frame)


def test_the_request_builds_the_packet(answerer: Answerer, written: code.Material) -> None:
    request = json.loads(code.rpc_request(written))
    assert answerer.run(built(request["params"][0])).frame == written.packet.frame
    assert request["method"] == "build_pkt"
    with_program = code.Material(written.packet, PROGRAM, written.expression, ())
    request = json.loads(code.rpc_request(with_program))
    assert (request["method"], len(request["params"])) == ("build_pkt_ex", 2)
    assert "build_pkt_ex" in code.python_client(with_program)


def test_python_is_python(written: code.Material) -> None:
    compile(code.python_client(written), "client", "exec")
    compile(code.scapy_expression(written), "scapy", "exec")


def test_the_command_is_one_word_for_the_expression(written: code.Material) -> None:
    words = shlex.split(code.shell_command(written))
    assert words == ["scapy-server", "build", written.expression, "-o", "packet.pcap"]


def test_the_array_has_every_byte(written: code.Material) -> None:
    text = code.c_array(written)
    found = bytes(int(digits, 16) for digits in re.findall(r"0x(\w\w)", text))
    assert found == written.packet.frame
    assert f"packet[{len(found)}]" in text
