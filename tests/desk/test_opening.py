from __future__ import annotations

import io
import json

import pytest

from scapy_server.captures.writing import write_capture
from scapy_server.client import ClientError
from scapy_server.desk import opening
from scapy_server.desk.errors import DeskError
from scapy_server.desk.questions import answered
from scapy_server.desk.saving import save
from tests.desk.asking import Answerer

MODEL = [{"id": "Ether"}, {"id": "IP"}]
DOCUMENT = {
    "fileType": "trex-packet-editor",
    "packet": MODEL,
    "fePrarameters": {"cache_size": "1000"},
    "feInstructions": [{"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}],
}


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (json.dumps(MODEL), ["Ether", "IP"]),
        (json.dumps(DOCUMENT), ["Ether", "IP"]),
        ("Ether()/IP()/UDP()", ["Ether", "IP", "UDP"]),
        ("00000001 00000000 0002 0000 9000\n", ["Ether"]),
        ("00:00:00:01:00:00 0x00,0x00 00 02 00 00 90 00", ["Ether"]),
    ],
)
def test_every_form_of_text(answerer: Answerer, text: str, layers: list[str]) -> None:
    document = answerer.run(opening.open_text("it", text))
    assert [layer["id"] for layer in document.packet.layers] == layers
    assert not document.history.changed


def test_a_document_brings_its_program(answerer: Answerer) -> None:
    document = answerer.run(opening.open_text("it", json.dumps(DOCUMENT)))
    assert [each["id"] for each in document.program.instructions] == ["STLVmFixIpv4"]
    assert document.program.global_parameters == {"cache_size": "1000"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  ", "it is empty"),
        ("{}", 'no array "packet"'),
        ('{"packet": {}}', 'no array "packet"'),
        ('{"packet": [], "feInstructions": [1]}', "program of the document"),
        ("[1, 2", "not JSON"),
    ],
)
def test_what_is_no_document(answerer: Answerer, text: str, said: str) -> None:
    with pytest.raises(DeskError, match=said):
        answerer.run(opening.open_text("it", text))


def test_an_expression_that_is_none_is_refused_by_the_server(answerer: Answerer) -> None:
    with pytest.raises(ClientError, match="Ethr"):
        answerer.run(opening.open_text("it", "Ethr()"))


def test_a_capture_is_taken_up_in_parts() -> None:
    content = write_capture([bytes([number]) * 20 for number in range(5)])
    reading = opening.Reading("trace.pcap", io.BytesIO(content), 10_000)
    document = reading.begin(2)
    assert len(document) == 2
    assert reading.go_on(document, 2)
    assert not reading.go_on(document, 2)
    assert [packet.frame[0] for packet in document.packets()] == [0, 1, 2, 3, 4]
    assert not document.packet.layers
    assert not document.history.changed


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (write_capture([]), "it: the capture has no packets"),
        (write_capture([bytes(60)])[:30], "it: "),
        (b"no capture", "this is not a pcap"),
    ],
)
def test_captures_without_packets_say_what_is_wrong(content: bytes, said: str) -> None:
    with pytest.raises(DeskError, match=said):
        opening.Reading("it", io.BytesIO(content), 10_000).begin(2)


@pytest.mark.parametrize(
    ("content", "is_text"),
    [
        (b"Ether()", True),
        (b'{"a": 1}\r\n', True),
        (b"\x0a\x0d\x0d\x0a\x00", False),
        (b"\x1f\x8b", False),
    ],
)
def test_texts_are_told_from_captures(content: bytes, is_text: bool) -> None:
    assert opening.is_text(content) is is_text


def test_a_template_is_a_document_of_its_own(answerer: Answerer) -> None:
    document = answerer.run(opening.open_template("TCP-SYN"))
    assert document.name == "TCP-SYN"
    assert [layer["id"] for layer in document.packet.layers][:3] == ["Ether", "IP", "TCP"]
    assert not document.history.changed
    with pytest.raises(DeskError, match="there can be no template"):
        answered(opening.open_template("../x"), lambda question: "")
    with pytest.raises(DeskError, match="is no template"):
        answered(opening.open_template("x"), lambda question: 5)


def test_a_file_for_scapy_opens_as_it_was_saved(answerer: Answerer) -> None:
    document = answerer.run(opening.open_text("x.trp", json.dumps(DOCUMENT)))
    text = answerer.run(save(document, ".py")).content.decode()
    again = answerer.run(opening.open_text("x.py", text))
    assert again.packet.frame == document.packet.frame
    assert again.program == document.program


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("packet = __import__('os').system('true')", "only layers"),
        ("packet = Ether()\nfield_engine = open('x')", "no program that is written out"),
        ("packet = Ether()\nfield_engine = 5", "a program is"),
    ],
)
def test_a_file_for_scapy_is_read_and_never_run(answerer: Answerer, text: str, said: str) -> None:
    with pytest.raises((DeskError, ClientError), match=said):
        answerer.run(opening.open_text("x.py", text))


def test_other_programs_are_none() -> None:
    assert opening.read_python("Ether()/IP()") is None
    assert opening.read_python("packet =") is None
    assert opening.read_python("import os") is None
