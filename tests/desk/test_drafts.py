from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.captures.records import PacketRecord
from scapy_server.desk.document import Document
from scapy_server.desk.drafts import read_draft, write_draft
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program

RECORDS = {number: PacketRecord(number + 1, bytes([number]), 1, number, 1) for number in range(4)}


def test_a_built_packet_comes_back_with_its_model_and_program() -> None:
    document = Document("mine")
    model = ({"id": "Ether", "fields": []},)
    document.replace(Packet(b"\x01", (), model), "build", Program(({"id": "x"},), {"a": "1"}))
    again = read_draft(write_draft(document), {})
    assert again.packet == document.packet
    assert again.program == document.program
    assert again.history.changed
    assert again.name == "mine"


def test_only_what_differs_from_the_capture_is_in_a_draft() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records(RECORDS.values())
    document.go_to(2)
    document.replace(Packet(b"\x77", (), record=RECORDS[2]), "set")
    document.move(3, 0)
    content = write_draft(document)
    assert content.count(b'"frame"') == 1
    again = read_draft(content, RECORDS)
    assert [packet.frame[0] for packet in again.packets()] == [3, 0, 1, 0x77]
    assert again.position == document.position
    assert [*again.edited()] == [again.key(3)]
    again.duplicate(0)
    assert [packet.frame[0] for packet in again.packets()] == [3, 3, 0, 1, 0x77]


def test_a_capture_that_is_not_there_any_more_is_said() -> None:
    document = Document("trace.pcap", is_capture=True)
    document.add_records(RECORDS.values())
    with pytest.raises(DeskError, match="lacks packets"):
        read_draft(write_draft(document), {})


@given(st.binary(max_size=80) | st.sampled_from([b"{}", b"[]", b'{"name": 3}', b"\xff"]))
def test_anything_else_is_no_draft(content: bytes) -> None:
    with pytest.raises(DeskError, match="no draft"):
        read_draft(content, {})
