from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def sweep(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run("fe add STLVmFlowVar name=ttl size=1 min_value=1 max_value=9")
    pipe.run("fe add STLVmWrFlowVar fv_name=ttl pkt_offset=IP.ttl", "fe add STLVmFixIpv4 offset=IP")


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_ten_packets(pipe: Pipe) -> None:
    sweep(pipe)
    found = rows(pipe.run("fe preview"))
    assert found[0] == ["packet", "IP.ttl", "IP.chksum"]
    assert [row[:2] for row in found[1:11]] == [[str(k), str(k % 9 + 1)] for k in range(10)]
    assert " ".join(found[11]) == "The packets repeat every 9."


def test_some_from_a_packet_on(pipe: Pipe) -> None:
    sweep(pipe)
    found = rows(pipe.run("fe preview 4294967296 2"))
    assert [row[:2] for row in found[1:3]] == [["4294967296", "5"], ["4294967297", "6"]]
    assert [each["index"] for each in pipe.json("fe preview 3 2")["packets"]] == [3, 4]
    assert len(pipe.json("fe preview 3")["packets"]) == 10


def test_lengths_where_they_differ(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()/('x' * 60)")
    pipe.run("fe add STLVmFlowVar name=s size=2 min_value=64 max_value=80 step=8")
    pipe.run("fe add STLVmTrimPktSize fv_name=s")
    assert [row[:2] for row in rows(pipe.run("fe preview 0 3"))[:3]] == [
        ["packet", "length"],
        ["0", "64"],
        ["1", "72"],
    ]


def test_a_dissected_packet(pipe: Pipe) -> None:
    pipe.run("build Ether()/IP()/UDP()")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}")
    assert pipe.run("fe preview").startswith("No field changes in these packets.\n")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fe preview x", "write fe preview"),
        ("fe preview 1 2 3", "write fe preview"),
        ("fe preview 0 100000000", "at most"),
    ],
)
def test_what_goes_wrong(pipe: Pipe, line: str, said: str) -> None:
    sweep(pipe)
    assert said in pipe.fail(line)
