from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scapy_server.captures.reading import read_capture
from tests.captures.files import BIG
from tests.console.conftest import THREE
from tests.console.pipe import Pipe
from tests.running import environment

VARIED = (
    "build Ether()/IP(ttl=9)/UDP()/'payload'",
    "fe add STLVmFlowVar name=x size=1",
    "fe add STLVmWrFlowVar fv_name=x pkt_offset=IP.ttl",
)


def test_what_a_capture_cannot_hold_is_said(pipe: Pipe) -> None:
    pipe.run(*VARIED)
    lines = pipe.run("save packet.pcap").splitlines()
    assert "bytes saved to packet.pcap" in lines[0]
    assert lines[1].startswith("not saved: a capture cannot hold the Field Engine program")
    assert pipe.session.unsaved  # the program is in no file


@pytest.mark.parametrize("ending", ["trp", "json", "py"])
def test_programs_are_kept_and_values_given_only_where_they_were(
    pipe: Pipe, tmp_path: Path, ending: str
) -> None:
    pipe.run(*VARIED)
    told = pipe.json(f"save packet.{ending}")
    assert told["not_saved"] == []
    assert not pipe.session.unsaved
    text = (tmp_path / f"packet.{ending}").read_text()
    assert "STLVmWrFlowVar" in text
    assert ("ttl=9" if ending == "py" else '"ttl"') in text
    assert "chksum" not in text
    assert told["length"] == len(text)


def test_what_was_saved_opens_again(pipe: Pipe) -> None:
    pipe.run(*VARIED)
    packet, program = pipe.session.packet, pipe.session.document.program
    for ending in ("pcap", "pcapng", "trp", "json", "hex"):
        pipe.run(f"save packet.{ending}")
        assert "exists; save -f" in pipe.fail(f"save packet.{ending}")
        pipe.run(f"save -f packet.{ending}", "build Ether()", f"open packet.{ending}")
        assert pipe.session.packet.frame == packet.frame
        if ending in ("trp", "json"):
            assert pipe.session.document.program == program
        pipe.run("undo", "undo")
    assert "cannot write" in pipe.fail("save nowhere/packet.pcap")
    assert "one of the endings .pcap, .pcapng, .trp, .json, .py, .hex" in pipe.fail("save x.txt")


@pytest.mark.processes
def test_a_saved_expression_builds_the_packet_in_plain_scapy(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP(ttl=9)/TCP(options=[('MSS', 1460)])/'payload'")
    pipe.run(f"hex {pipe.session.packet.frame.hex()}", "save packet.py")
    program = "import packet, sys; sys.stdout.buffer.write(bytes(packet.packet))"
    built = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**environment(), "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert built.stdout == pipe.session.packet.frame


def test_what_no_capture_holds(pipe: Pipe) -> None:
    pipe.run("build UDP()", "save x.py", "save x.json")
    assert "begins with UDP" in pipe.fail("save x.pcap")


def test_a_capture_is_saved_whole_or_one_packet_of_it(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("open three.pcap", "goto 2", "set Raw.load b'changed'", "next", "save edited.pcap")
    changed = THREE[1][:14] + b"changed"
    before = read_capture((tmp_path / "three.pcap").read_bytes())
    after = read_capture((tmp_path / "edited.pcap").read_bytes())
    assert [each.data for each in after] == [THREE[0], changed, THREE[2]]
    assert [each.time_ns for each in after] == [each.time_ns for each in before]
    pipe.run("prev", "save -f --packet edited.pcap")
    assert [each.data for each in read_capture((tmp_path / "edited.pcap").read_bytes())] == [
        changed
    ]


def test_a_form_for_one_packet_says_that_the_others_are_lost(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("open three.pcap")
    assert "not saved: a model holds one packet" in pipe.run("save one.json")
    assert json.loads((tmp_path / "one.json").read_text())


def test_a_capture_is_saved_with_no_other_byte_changed(pipe: Pipe) -> None:
    frame = bytes.fromhex("0200000000020200000000010800450000140000000040000000c0000201c0000202")
    file = (
        BIG.section()
        + BIG.interface(options=BIG.options((2, b"eth0"), (3, b"the first")))
        + BIG.enhanced(frame, options=BIG.options((2, bytes(4))))
        + BIG.block(5, b"statistics")
        + b"garbage"
    )
    Path("trace.pcapng").write_bytes(file)
    pipe.run("open trace.pcapng", "set IP.dst 192.0.2.3", "save -f trace.pcapng")
    assert Path("trace.pcapng").read_bytes() == file.replace(b"\xc0\0\2\2", b"\xc0\0\2\3")
    pipe.run("set IP.dst 192.0.2.2", "save -f trace.pcapng")
    assert Path("trace.pcapng").read_bytes() == file
