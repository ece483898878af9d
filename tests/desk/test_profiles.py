from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import yaml

from scapy_server.desk import profiles
from scapy_server.desk.document import Document
from scapy_server.desk.drafts import read_draft, write_draft
from scapy_server.desk.editing import built, dissected, set_field
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Program
from scapy_server.streams.documents.trex_profile import DEFAULTS
from tests.desk.asking import Answerer

VARIED: dict[str, Any] = {
    "instructions": [
        {
            "type": "flow_var",
            "name": "a",
            "size": 1,
            "op": "inc",
            "init_value": 1,
            "min_value": 1,
            "max_value": 9,
            "step": 1,
        },
        {
            "type": "write_flow_var",
            "name": "a",
            "pkt_offset": 22,
            "add_value": 0,
            "is_big_endian": True,
        },
    ]
}


@pytest.fixture(scope="module")
def frame(answerer: Answerer) -> bytes:
    return answerer.run(built([{"id": "Ether"}, {"id": "IP"}])).frame


@pytest.fixture
def streams(frame: bytes) -> list[dict[str, Any]]:
    packet = {"binary": base64.b64encode(frame).decode(), "meta": "kept"}
    burst = {"type": "single_burst", "rate": {"type": "pps", "value": 10}, "total_pkts": 5}
    return [
        {**DEFAULTS, "stream_id": 1, "name": "a", "next": "b", "packet": packet, "mode": burst},
        {
            **DEFAULTS,
            "stream_id": 2,
            "name": "b",
            "self_start": False,
            "packet": packet,
            "vm": VARIED,
        },
    ]


def opened(streams: list[dict[str, Any]]) -> Document:
    document = profiles.read_profile("p.json", json.dumps(streams))
    assert document is not None
    return document


def looked_at(answerer: Answerer, document: Document, position: int) -> None:
    document.go_to(position)
    packet = answerer.run(dissected(document.packet.frame, document.packet))
    document.dissect(position, answerer.run(profiles.with_program(packet)))


def test_a_profile_is_told_from_other_texts(streams: list[dict[str, Any]]) -> None:
    assert profiles.read_profile("x", '[{"id": "Ether"}]') is None
    assert profiles.read_profile("x", "Ether()/IP()") is None
    assert profiles.read_profile("x", "[not json") is None
    document = profiles.read_profile("x", yaml.safe_dump(streams))
    assert document is not None
    assert (len(document), document.is_profile, document.history.changed) == (2, True, False)


def test_a_profile_that_is_not_right_is_refused_by_stream(streams: list[dict[str, Any]]) -> None:
    streams[1]["next"] = "nobody"
    with pytest.raises(DeskError, match=r'p.json: stream 2.*"next" is'):
        opened(streams)


def test_what_nobody_touched_is_saved_as_it_was(
    answerer: Answerer, streams: list[dict[str, Any]]
) -> None:
    document = opened(streams)
    looked_at(answerer, document, 1)
    saved = json.loads(answerer.run(profiles.save_profile(document, ".json")).content)
    for before, after in zip(streams, saved, strict=True):
        assert {key: after[key] for key in before} == before


def test_each_stream_has_its_own_program(answerer: Answerer, streams: list[dict[str, Any]]) -> None:
    document = opened(streams)
    looked_at(answerer, document, 1)
    assert [each["id"] for each in document.program.instructions] == [
        "STLVmFlowVar",
        "STLVmWrFlowVar",
    ]
    looked_at(answerer, document, 0)
    assert document.program == Program()


def test_an_edited_program_is_compiled_anew(
    answerer: Answerer, streams: list[dict[str, Any]]
) -> None:
    document = opened(streams)
    looked_at(answerer, document, 1)
    fixed = {"id": "STLVmFixIpv4", "parameters": {"offset": "IP"}}
    document.set_program(Program((*document.program.instructions, fixed)), "fix")
    restored = read_draft(write_draft(document), {})
    for each in (document, restored):
        looked_at(answerer, each, 1)
        saved = json.loads(answerer.run(profiles.save_profile(each, ".json")).content)
        kinds = [one["type"] for one in saved[1]["vm"]["instructions"]]
        assert kinds == ["flow_var", "write_flow_var", "fix_checksum_ipv4"]
        assert saved[0]["vm"] == streams[0]["vm"]
    document.undo()
    assert len(document.program.instructions) == 2


def test_an_edited_packet_keeps_its_stream(
    answerer: Answerer, streams: list[dict[str, Any]]
) -> None:
    document = opened(streams)
    looked_at(answerer, document, 0)
    document.replace(answerer.run(set_field(document.packet, 1, "ttl", 9)), "ttl")
    saved = yaml.safe_load(answerer.run(profiles.save_profile(document, ".yaml")).content)
    assert base64.b64decode(saved[0]["packet"]["binary"])[22] == 9
    assert saved[0]["packet"]["meta"] == "kept"
    assert saved[0]["mode"] == streams[0]["mode"]


def test_a_single_packet_becomes_a_stream(answerer: Answerer) -> None:
    document = Document("one")
    document.replace(answerer.run(built([{"id": "Ether"}, {"id": "IP"}])), "new")
    saved = answerer.run(profiles.save_profile(document, ".py")).content.decode()
    assert "def register" in saved


def test_a_pace_that_the_engine_refuses(streams: list[dict[str, Any]]) -> None:
    document = opened(streams)
    slower = profiles.paced(document.packet, {"isg": 5.0})
    assert slower.stream is not None
    assert "after 5.0 µs" in profiles.pace_in_words(slower.stream)
    no_rate = {"type": "continuous", "rate": {"type": "pps", "value": 0}}
    with pytest.raises(DeskError, match="must be above 0"):
        profiles.paced(document.packet, {"mode": no_rate})
