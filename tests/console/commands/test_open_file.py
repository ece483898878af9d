from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.console.pipe import Pipe


def document(**members: object) -> str:
    """The text of a document of the packet editor, with these members otherwise."""
    whole = {"fileType": "trex-packet-editor", "version": "1.0.0", "metadata": {"caption": ""}}
    return json.dumps(whole | {"packet": []} | members)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not a document of the packet editor"),
        ("{", "not JSON"),
        ("no capture", "column 4"),
        ("", "is empty"),
        (document(feInstructions=[5]), "is not one"),
        (document(feInstructions=[{"id": 5}]), "is not one"),
        (document(fePrarameters=[1]), "is not one"),
        ("[1]", "layer 0"),
        ("- stream: 5", "stream"),
        ("\0\1\2", "file: "),
    ],
)
def test_files_that_cannot_be_opened(pipe: Pipe, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    assert said in pipe.fail(f"open {path}")


def test_captures_of_other_link_types_can_be_edited(pipe: Pipe, tmp_path: Path) -> None:
    ip = bytes.fromhex("450000140001000040000000100000013000000100"[:40])
    header = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000065000000")
    record = bytes(8) + len(ip).to_bytes(4, "little") * 2
    (tmp_path / "ip.pcap").write_bytes(header + record + ip)
    pipe.run(f"open {tmp_path}/ip.pcap")
    assert pipe.session.packet.frame == ip
    pipe.run("set IP.ttl 9")
    assert pipe.session.packet.frame == ip[:8] + b"\x09" + ip[9:]


def test_a_capture_that_ends_early(pipe: Pipe, tmp_path: Path) -> None:
    whole = (tmp_path / "three.pcap").read_bytes()
    (tmp_path / "cut.pcap").write_bytes(whole[:-3])
    pipe.run("open cut.pcap")
    assert pipe.run("goto 3").splitlines()[1].startswith("problem: ")
    assert "the capture ends within the packet" in pipe.json("show")["notes"][-1]
    (tmp_path / "cut.pcap").write_bytes(whole[:-20])
    assert pipe.run("open cut.pcap").splitlines()[1].startswith("the file ends early: ")


def test_a_capture_of_more_packets_than_a_request_may_have(pipe: Pipe, tmp_path: Path) -> None:
    whole = (tmp_path / "three.pcap").read_bytes()
    (tmp_path / "big.pcap").write_bytes(whole + 500 * whole[24:])
    assert pipe.run("open big.pcap").startswith("packet 1 of 1503, 15 bytes, ")
    assert pipe.run("goto 1503").startswith("packet 1503 of 1503")


def test_a_profile(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP()/UDP()", "save packet.trp")
    stream = "- stream: {action_count: 0, enabled: true, flags: 3, isg: 0.0, mode: "
    (tmp_path / "p.yaml").write_text(
        stream + "{rate: {type: pps, value: 5}, type: continuous}, next_stream_id: -1, "
        "packet: {binary: AAAAAQAAAAAAAgAACABFAAAcAAEAAEAROs8QAAABMAAAAQA1ADUACL9y, meta: ''}, "
        "flow_stats: {enabled: false}, self_start: true, vm: {instructions: [], split_by_var: ''}}"
    )
    assert pipe.run("open p.yaml").startswith("packet 1 of 1, 42 bytes\n")
    pipe.run("set IP.ttl 5", "save edited.yaml")
    pipe.run("open edited.yaml")
    assert pipe.value("IP", "ttl") == 5
