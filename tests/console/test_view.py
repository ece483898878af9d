from __future__ import annotations

from typing import Any

import pytest

from scapy_server.captures.records import PacketRecord
from scapy_server.console.view import (
    changed_lines,
    dump_lines,
    position,
    remarks,
    size_text,
    time_text,
    title,
    tree_lines,
    value_text,
)
from scapy_server.desk.packet import Packet


def field(name: str, value: Any, hvalue: str, bits: int = 0, size: int = 8) -> dict[str, Any]:
    return {"id": name, "value": value, "hvalue": hvalue, "bit_offset": bits, "bit_length": size}


def layer(layer_id: str, offset: int, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    known = {"name": layer_id, "real_id": layer_id, "valid_structure": True}
    return {"id": layer_id, "offset": offset, "fields": list(fields), **known, **more}


def test_a_tree() -> None:
    packet = Packet(
        b"\x45\x00\x01",
        (
            layer("IP", 0, field("version", 4, "4", 0, 4), field("ihl", 5, "5", 4, 4)),
            layer(
                "UDP", 2, field("sport", 1, "1"), name="User", real_id=None, valid_structure=False
            ),
            layer("Raw", 3, {**field("load", 1, "1"), "ignored": True}),
            layer("Raw", 3),
        ),
        None,
    )
    assert [line.plain for line in tree_lines(packet)] == [
        "IP  from byte 0",
        "       0      4 bits  version  4",
        "     0.4      4 bits  ihl      5",
        "UDP  User  from byte 2  reads as payload",
        "       2      1 byte  sport  1",
        "Raw  from byte 3",
        "              absent  load  1",
        "Raw:1  from byte 3",
    ]


def test_what_is_within_fields() -> None:
    option = {**field("[0]", 1, "('MSS', 9)", 160, 32), "fields": [field("kind", 2, "2", 160)]}
    record = {"id": "[0]", "name": "Record", "bit_offset": 0, "bit_length": 16}
    record["fields"] = [field("ttl", 5, "5", 8)]
    text = {**field("[0]", "x", "x"), "unplaced": True}
    packet = Packet(
        bytes(40),
        (
            layer("TCP", 2, {**field("options", [], "[]", 160, 32), "parts": [option]}),
            layer(
                "DNS",
                30,
                {**field("an", [], "[]", 0, 16), "parts": [record]},
                {**field("txt", [], "[]"), "parts": [text]},
            ),
        ),
        None,
    )
    assert [line.plain for line in tree_lines(packet)] == [
        "TCP  from byte 2",
        "      22     4 bytes  options     []",
        "      22     4 bytes  options[0]  ('MSS', 9) (1)",
        "DNS  from byte 30",
        "      30     2 bytes  an         []",
        "      30     2 bytes  an[0]      Record",
        "      31      1 byte  an[0].ttl  5",
        "      30      1 byte  txt        []",
        "            unplaced  txt[0]     x",
    ]


@pytest.mark.parametrize(
    ("value", "hvalue", "shown"),
    [
        (6, "tcp", "tcp (6)"),
        (9, "9", "9"),
        (-9, "-9", "-9"),
        (16, "0x10", "0x10"),
        (0, "", "0"),
        ("1.2.3.4", "1.2.3.4", "1.2.3.4"),
        ("a\x1b[31m\n", "a\x1b[31m\n", "a\\x1b[31m\\n"),
        ({"vtype": "BYTES", "base64": "aGk="}, "hi", "'hi' (2 bytes)"),
        ({"vtype": "BYTES", "base64": "AP8="}, "<binary>", "00ff (2 bytes)"),
        ({"vtype": "BYTES", "base64": "Cg=="}, "\n", "0a (1 byte)"),
        ({"vtype": "BYTES", "base64": ""}, "<binary>", "(0 bytes)"),
        ({"vtype": "BYTES", "base64": "?"}, "x", "?"),
        ({"vtype": "EXPRESSION", "expr": "[]"}, "[]", "[]"),
        ("x" * 300, "x" * 300, "x" * 100 + "..."),
    ],
)
def test_values(value: Any, hvalue: str, shown: str) -> None:
    assert value_text(field("f", value, hvalue)) == shown


def test_places_and_sizes() -> None:
    assert [position(bits) for bits in (0, 8, 12)] == ["0", "1", "1.4"]
    sizes = [size_text(bits) for bits in (0, 1, 4, 8, 16, 13)]
    assert sizes == ["0 bytes", "1 bit", "4 bits", "1 byte", "2 bytes", "13 bits"]


def test_a_dump() -> None:
    packet = Packet(bytes(range(0x1E, 0x32)), (layer("A", 0), layer("B", 17)), None)
    lines = list(dump_lines(packet, 100))
    assert [line.plain for line in lines] == [
        "000000  1e 1f 20 21 22 23 24 25  26 27 28 29 2a 2b 2c 2d  .. !\"#$%&'()*+,-",
        "000010  2e 2f 30 31                                       ./01",
    ]
    styles = [str(span.style) for span in lines[1].spans]
    assert [style for style in styles if style != "dim"] == ["cyan", *["green"] * 3] * 2
    assert [line.plain for line in dump_lines(packet, 16)][1:] == [
        "... 4 more bytes; hex shows all"
    ]


@pytest.mark.parametrize(("per_line", "column"), [(16, 58), (8, 34)])
@pytest.mark.parametrize("length", range(1, 18))
def test_the_text_of_a_dump_begins_in_one_column(length: int, per_line: int, column: int) -> None:
    packet = Packet(b"A" * length, (layer("A", 0),), None)
    lines = list(dump_lines(packet, 100, per_line))
    assert len(lines) == -(-length // per_line)
    assert {line.plain.index("A") for line in lines} == {column}


def test_layers_out_of_order_and_beyond_the_end() -> None:
    packet = Packet(b"ABCD", (layer("A", 0), layer("P", 3), layer("E", 2), layer("X", 9)), None)
    styles = [str(span.style) for span in next(dump_lines(packet, 100)).spans]
    assert [s for s in styles if s != "dim"][:4] == ["cyan", "cyan", "yellow", "green"]


def raw(load: bytes) -> Packet:
    return Packet(load, (layer("Raw", 0, field("load", load.hex(), load.hex())),))


def test_only_what_changed() -> None:
    before, after = raw(bytes(40)), raw(bytes(20) + b"\xff" + bytes(19))
    field_line, empty, dumped = [line.plain for line in changed_lines(before, after)]
    assert " -> " in field_line
    assert empty == ""
    assert dumped.startswith("000010  00 00 00 00 ff ")


def test_of_a_large_change_the_beginning_is_shown() -> None:
    lines = [line.plain for line in changed_lines(raw(bytes(2000)), raw(b"x" * 2000))]
    assert lines[-1] == "... 85 more lines of bytes; show prints all"
    assert len(lines) == 1 + 1 + 40 + 1


def test_what_is_gone_and_what_is_new() -> None:
    lines = [line.plain for line in changed_lines(raw(b"ab"), Packet(b"", ()))]
    assert lines[0].endswith("Raw.load  gone, was 6162")
    lines = [line.plain for line in changed_lines(Packet(b"", ()), raw(b"ab"))]
    assert lines[0].endswith("Raw.load  6162  new")


def test_times_are_told_to_the_nanosecond_whatever_they_are() -> None:
    assert time_text(0) == "1970-01-01 00:00:00.000000000 UTC"
    assert time_text(1_700_000_000_000_000_001) == "2023-11-14 22:13:20.000000001 UTC"
    assert time_text(10**30) == f"{10**21}.000000000 s"
    assert time_text(-1) == "1969-12-31 23:59:59.999999999 UTC"


def test_a_title_says_what_is_known() -> None:
    assert title(Packet(b"x", ())) == "1 byte"
    record = PacketRecord(7, b"xy", 1, None, 2, "eth\x1b0", "mine\n", "cut")
    packet = Packet(b"xy", (), record=record, problem="cut")
    assert title(packet, "packet 7") == "packet 7, 2 bytes, eth\\x1b0"
    assert list(remarks(packet)) == ["comment: mine\\n", "problem: cut"]
