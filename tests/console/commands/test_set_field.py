from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_a_built_packet_is_built_again(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/IP()/TCP()")
    pipe.run("set IP.ttl 9", "set IP:1.dst 1.2.3.4", "set TCP.options [('MSS', 1460)]")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 9
    assert pipe.value("IP", "dst") == "1.2.3.4"
    assert pipe.value("TCP", "dataofs") == 6
    pipe.run("set IP.ttl 0x10")
    assert pipe.session.packet.layers[1]["fields"][7]["value"] == 16
    assert "layer 1 (IP), field ttl: 999 is out of range" in pipe.fail("set IP.ttl 999")
    assert "tttl" in pipe.fail("set IP.tttl 9")
    assert "set what to what" in pipe.fail("set IP.ttl")


def test_a_dissected_packet_is_changed_in_place(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/Raw('dummy')")
    pipe.run(f"hex {pipe.session.packet.frame.hex(' ')}")
    checksum = pipe.value("IP", "chksum")
    pipe.run("set IP.ttl 3")
    assert pipe.value("IP", "chksum") == checksum  # it stays as it was captured


def test_only_what_changed_is_printed(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert pipe.run("set IP.ttl 9").splitlines() == [
        "42 bytes",
        "      22      1 byte  IP.ttl     64 -> 9",
        "      24     2 bytes  IP.chksum  0x3acf -> 0x71cf",
        "",
        "000010  00 1c 00 01 00 00 09 11  71 cf 10 00 00 01 30 00  ........q.....0.",
    ]
    assert pipe.run("set IP.ttl 9") == "nothing changed\n"


@pytest.mark.parametrize("line", ["set @37=0x1f", "set @37 1f", "set @0x25 = 1f"])
def test_bytes_are_overwritten_where_they_are(pipe: Pipe, line: str) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    frame = pipe.session.packet.frame
    shown = pipe.run(line)
    assert pipe.session.packet.frame == frame[:37] + b"\x1f" + frame[38:]
    assert "UDP.dport  53 -> 31" in shown
    assert "chksum" not in shown  # these bytes and no others


def test_several_bytes(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()", "set @12=86 dd")
    assert pipe.value("Ether", "type") == 0x86DD
    assert pipe.json("set @12=0800")["bytes"] == [{"offset": 12, "before": "86dd", "after": "0800"}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("set @42=00", "the packet has the bytes 0 to 41"),
        ("set @41=0000", "the packet has the bytes 0 to 41"),
        ("set @x=00", "a place is @ and a byte's number"),
        ("set @1", "a place is @ and a byte's number"),
        ("set @1=", "a place is @ and a byte's number"),
        ("set @1=f", "not bytes in hexadecimal"),
    ],
)
def test_bytes_that_cannot_be_written(pipe: Pipe, line: str, said: str) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert said in pipe.fail(line)


def test_the_change_as_json(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    assert pipe.json("set IP.ttl 9") == {
        "length": 42,
        "fields": [
            {"field": "IP.ttl", "before": 64, "after": 9},
            {"field": "IP.chksum", "before": 0x3ACF, "after": 0x71CF},
        ],
        "bytes": [
            {"offset": 22, "before": "40", "after": "09"},
            {"offset": 24, "before": "3a", "after": "71"},
        ],
    }
