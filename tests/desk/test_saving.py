from __future__ import annotations

import gzip
import io
import json
from dataclasses import replace

import pytest

from scapy_server.captures.reading import read_capture
from scapy_server.captures.records import PacketRecord
from scapy_server.desk import editing, opening
from scapy_server.desk.document import Document
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Program
from scapy_server.desk.saving import FORMS, Writing, endings_for, file_name, own_ending, save
from tests.captures.files import LITTLE, erf_file
from tests.desk.asking import Answerer

MODEL = [{"id": "Ether"}, {"id": "IP", "fields": [{"id": "ttl", "value": 9}]}]
INSTRUCTION = {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}


def built(answerer: Answerer, program: Program | None = None) -> Document:
    document = Document("mine")
    document.replace(answerer.run(editing.built(MODEL)), "build", program)
    return document


@pytest.mark.parametrize("ending", [".trp", ".json", ".hex"])
def test_what_is_saved_opens_again(answerer: Answerer, ending: str) -> None:
    document = built(answerer)
    saved = answerer.run(save(document, ending))
    again = answerer.run(opening.open_text("it", saved.content.decode()))
    assert again.packet.frame == document.packet.frame
    assert saved.losses == ()


def test_a_document_keeps_its_program_and_gives_values_only_where_they_were_given(
    answerer: Answerer,
) -> None:
    document = built(answerer, Program((INSTRUCTION,)))
    content = json.loads(answerer.run(save(document, ".trp")).content)
    assert content["feInstructions"] == [INSTRUCTION]
    assert content["packet"] == [{"id": "Ether", "fields": []}, MODEL[1]]


@pytest.mark.parametrize("ending", [".pcap", ".pcapng", ".hex"])
def test_what_a_form_cannot_hold_is_said(answerer: Answerer, ending: str) -> None:
    saved = answerer.run(save(built(answerer, Program((INSTRUCTION,))), ending))
    assert len(saved.losses) == 1
    assert "Field Engine program" in saved.losses[0]


def test_a_model_keeps_its_program(answerer: Answerer) -> None:
    saved = answerer.run(save(built(answerer, Program((INSTRUCTION,))), ".json"))
    assert json.loads(saved.content)["source"][1] == MODEL[1]
    again = answerer.run(opening.open_text("it", saved.content.decode()))
    assert again.program.instructions == (INSTRUCTION,)
    assert saved.losses == ()


def test_an_expression_has_what_was_given_and_the_program(answerer: Answerer) -> None:
    saved = answerer.run(save(built(answerer, Program((INSTRUCTION,))), ".py"))
    lines = saved.content.decode().splitlines()
    assert "packet = Ether()/IP(ttl=9)" in lines
    (program,) = [line for line in lines if line.startswith("field_engine = {'instructions'")]
    assert "STLVmFixIpv4" in program
    assert saved.losses == ()


def test_an_ending_is_kept_to(answerer: Answerer) -> None:
    frame = answerer.run(editing.built(MODEL)).frame
    document = Document("trace", is_capture=True)
    document.add_records([PacketRecord(1, frame, 1, 5, len(frame), "eth0", "note")])
    pcap, pcapng = (answerer.run(save(document, ending)) for ending in (".pcap", ".pcapng"))
    assert pcap.content[:4] == bytes.fromhex("4d3cb2a1")
    assert [loss.split(";")[0] for loss in pcap.losses] == [
        "a .pcap file holds no comments",
        "a .pcap file holds no names of interfaces",
    ]
    assert pcapng.content[:4] == bytes.fromhex("0a0d0d0a")
    assert pcapng.losses == ()
    document.add_records([PacketRecord(2, frame, 101, 5, len(frame))])
    with pytest.raises(DeskError, match="one link type, 1, not 101 too; pcapng has several"):
        answerer.run(save(document, ".pcap"))


def test_a_packet_that_nobody_looked_at_is_dissected(answerer: Answerer) -> None:
    frame = answerer.run(editing.built(MODEL)).frame
    document = Document("trace", is_capture=True)
    document.add_records([PacketRecord(1, frame, 1, 5, len(frame))])
    saved = answerer.run(save(document, ".json"))
    assert [layer["id"] for layer in json.loads(saved.content)] == ["Ether", "IP"]


def test_an_expression_is_one(answerer: Answerer) -> None:
    text = answerer.run(save(built(answerer), ".py")).content.decode()
    compile(text, "packet", "exec")
    assert "packet = Ether" in text


def test_a_capture_keeps_times_lengths_and_comments(answerer: Answerer) -> None:
    frame = answerer.run(editing.built(MODEL)).frame
    records = [
        PacketRecord(1, frame, 1, 1_700_000_000_000_000_001, 1500, comment="first"),
        PacketRecord(2, frame, 101, 1_700_000_000_000_000_002, len(frame)),
    ]
    document = Document("trace.pcapng", is_capture=True)
    document.add_records(records)
    document.dissect(0, answerer.run(editing.dissected(frame, document.at(0))))
    changed = answerer.run(editing.set_field(document.packet, 1, "ttl", 3))
    document.replace(changed, "set")
    saved = read_capture(answerer.run(save(document, ".pcapng")).content)
    assert [each.time_ns for each in saved] == [each.time_ns for each in records]
    assert [each.original_length for each in saved] == [1500, len(frame)]
    assert [each.link_type for each in saved] == [1, 101]
    assert saved[0].comment == "first"
    assert [each.data[22] for each in saved] == [3, 9]


def test_one_packet_of_a_capture(answerer: Answerer) -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records([PacketRecord(n, bytes([n]) * 20, 1, n * 1000, 20) for n in (1, 2)])
    document.go_to(1)
    saved = read_capture(answerer.run(save(document, ".pcap", whole=False)).content)
    assert [each.data[0] for each in saved] == [2]


@pytest.mark.parametrize(
    ("first", "link_type"), [("Ether", 1), ("Dot3", 1), ("IP", 101), ("CookedLinux", 113)]
)
def test_nothing_is_labelled_ethernet_that_is_not(
    answerer: Answerer, first: str, link_type: int
) -> None:
    document = Document("mine")
    document.replace(answerer.run(editing.built([{"id": first}])), "build")
    saved = read_capture(answerer.run(save(document, ".pcap")).content)
    assert [each.link_type for each in saved] == [link_type]
    document.replace(answerer.run(editing.built([{"id": "VXLAN"}])), "build")
    with pytest.raises(DeskError, match="begins with VXLAN; put a layer in front"):
        answerer.run(save(document, ".pcap"))


def test_what_cannot_be_saved(answerer: Answerer) -> None:
    with pytest.raises(DeskError, match="one of the endings"):
        answerer.run(save(built(answerer), ".doc"))
    for ending in FORMS:
        with pytest.raises(DeskError, match="no packet to save"):
            answerer.run(save(Document("empty"), ending))


def test_a_capture_is_written_part_by_part(answerer: Answerer) -> None:
    document = Document("t.pcap", is_capture=True)
    document.add_records([PacketRecord(n, bytes([n]) * 20, 1, n, 20) for n in range(1, 6)])
    writing = Writing(document, ".pcap")
    assert [writing.go_on(2), writing.go_on(2), writing.go_on(2)] == [True, True, False]
    assert writing.saved() == answerer.run(save(document, ".pcap"))
    assert [each.data[0] for each in read_capture(writing.saved().content)] == [1, 2, 3, 4, 5]


def test_a_capture_is_compressed_where_its_name_says_so(answerer: Answerer) -> None:
    document = built(answerer)
    plain = answerer.run(save(document, ".pcap")).content
    packed = answerer.run(save(document, ".pcap.gz")).content
    assert packed != plain == gzip.decompress(packed)
    with pytest.raises(DeskError, match="save as what"):
        answerer.run(save(document, ".trp.gz"))


@pytest.mark.parametrize(
    ("name", "ending", "expected"),
    [
        ("trace.pcap.gz", ".pcap", "trace.pcap"),
        ("trace.2026.PCAPNG", ".pcapng", "trace.2026.pcapng"),
        ("Untitled 2", ".trp", "Untitled 2.trp"),
        ("trace.gz", ".pcap", "trace.pcap"),
    ],
)
def test_a_file_is_called_as_the_document(name: str, ending: str, expected: str) -> None:
    assert file_name(Document(name), ending) == expected


class TestTheFileThatItCameFrom:
    FILE = (
        LITTLE.section()
        + LITTLE.interface(options=LITTLE.options((2, b"eth0"), (9, b"\x09")))
        + b"".join(LITTLE.enhanced(bytes([number]) * 30) for number in range(3))
        + LITTLE.block(5, b"statistics")
    )

    def document(self, file: bytes | None = None, taken_up: int = 9) -> Document:
        content = self.FILE if file is None else file
        document = opening.Reading("trace", io.BytesIO(content), 1 << 20).begin(taken_up)
        document.origin = lambda: io.BytesIO(content)
        return document

    def edit(self, document: Document, position: int, frame: bytes) -> None:
        packet = replace(document.at(position), frame=frame)
        document.replace_all({position: packet}, "edit")

    def test_is_saved_with_what_was_edited_alone(self, answerer: Answerer) -> None:
        document = self.document(taken_up=2)  # the third packet stays as well
        self.edit(document, 1, b"\xff" + bytes([1]) * 29)
        saved = answerer.run(save(document, ".pcapng"))
        assert saved.content == self.FILE.replace(bytes([1]) * 30, b"\xff" + bytes([1]) * 29)
        assert saved.losses == ()
        document.undo()
        assert answerer.run(save(document, ".pcapng")).content == self.FILE

    def test_loses_what_is_deleted(self, answerer: Answerer) -> None:
        document = self.document()
        document.delete([0], "delete")
        content = answerer.run(save(document, ".pcapng")).content
        assert content == self.FILE.replace(LITTLE.enhanced(bytes(30)), b"")

    def test_is_written_anew_where_packets_were_moved_or_came(self, answerer: Answerer) -> None:
        document = self.document()
        document.duplicate(0)
        assert "written anew" in answerer.run(save(document, ".pcapng")).losses[0]
        document.undo()
        document.move(0, 2)
        saved = answerer.run(save(document, ".pcapng"))
        assert [each.data[0] for each in read_capture(saved.content)] == [1, 2, 0]
        assert "written anew" in saved.losses[0]

    def test_is_turned_into_another_form(self, answerer: Answerer) -> None:
        saved = answerer.run(save(self.document(), ".pcap"))
        assert saved.content[:4] == bytes.fromhex("4d3cb2a1")

    def test_alone_is_saved_as_erf(self, answerer: Answerer) -> None:
        file = erf_file([bytes([number]) * 60 for number in range(2)])
        document = self.document(file)
        assert own_ending(document) == ".erf"
        assert ".erf" in endings_for(document)
        assert ".erf" not in endings_for(self.document())
        assert answerer.run(save(document, ".erf")).content == file
        with pytest.raises(DeskError, match="only what came as ERF"):
            answerer.run(save(self.document(), ".erf"))

    def test_names_the_form_to_save_in(self, answerer: Answerer) -> None:
        assert own_ending(self.document(gzip.compress(self.FILE))) == ".pcapng"
        assert own_ending(built(answerer)) == ".trp"
        assert own_ending(Document("x.hex")) == ".hex"
        assert own_ending(Document("x.cap", is_capture=True)) == ".pcap"
