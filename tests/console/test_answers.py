from __future__ import annotations

import io
import json

import pytest

from scapy_server.console.answers import Answer, Edited, Listed, Said, Shown, Table, Value
from scapy_server.console.output import Output
from scapy_server.desk.packet import Packet, Program

RAW = {
    "id": "Raw",
    "name": "Raw",
    "offset": 0,
    "real_id": "Raw",
    "valid_structure": True,
    "fields": [
        {"id": "load", "value": "ab", "hvalue": "ab", "bit_offset": 0, "bit_length": 16},
    ],
}


def printed(answer: Answer) -> str:
    out = io.StringIO()
    answer.print(Output(False, out, out))
    return out.getvalue()


def test_sentences_and_values() -> None:
    assert printed(Said("one\ntwo", 5)) == "one\ntwo\n"
    assert Said("one", 5).to_json() == 5
    assert printed(Value({"a": 1})) == '{\n "a": 1\n}\n'


def test_a_table() -> None:
    table = Table(("a", "b"), [("1", "x\x1b")], [{"a": 1}])
    assert printed(table) == "a  b\n1  x\\x1b\n"
    assert table.to_json() == [{"a": 1}]
    assert printed(Table(("a",), [], [], headed=False)) == ""


def test_a_packet() -> None:
    packet = Packet(b"ab", (RAW,), problem="it ends early")
    shown = Shown(packet, Program(({"id": "x"},)), 2, 3, ("cut",))
    lines = printed(shown).splitlines()
    assert lines[:3] == ["packet 2 of 3, 2 bytes", "cut", "problem: it ends early"]
    assert lines[-1].startswith("varied by 1 Field Engine instruction")
    told = shown.to_json()
    assert (told["number"], told["of"], told["binary"]) == (2, 3, "YWI=")
    assert told["notes"] == ["cut", "problem: it ends early"]
    assert set(Shown(Packet(b"ab", (RAW,))).to_json()) == {"binary", "data"}


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        (b"abcd", b"aXcY", [(1, "62", "58"), (3, "64", "59")]),
        (b"ab", b"abcd", [(2, "", "6364")]),
        (b"abcd", b"aX", [(1, "626364", "58")]),
        (b"ab", b"ab", []),
    ],
)
def test_the_bytes_of_an_edit(
    before: bytes, after: bytes, runs: list[tuple[int, str, str]]
) -> None:
    told = Edited(Packet(before, ()), Packet(after, ())).to_json()
    assert [(each["offset"], each["before"], each["after"]) for each in told["bytes"]] == runs
    assert told["length"] == len(after)


def test_an_edit_that_changed_nothing() -> None:
    packet = Packet(b"ab", (RAW,))
    assert printed(Edited(packet, packet)) == "nothing changed\n"


def test_a_program() -> None:
    program = Program(({"id": "x", "parameters": {}},), {"cache_size": "5"})
    assert printed(Listed(program, ["  0 x"])) == "  0 x\n    global cache_size=5\n"
    assert json.dumps(Listed(program, []).to_json())
    assert printed(Listed(Program(), [])) == "no instructions\n"
