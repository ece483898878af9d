"""Captures, templates, models and expressions in files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from scapy_server import Client
from scapy_server.captures.reading import read_capture
from tests.console.pipe import Pipe
from tests.running import environment


def test_saving_what_does_not_begin_with_ethernet(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build UDP()", f"save {tmp_path}/x.py", f"save {tmp_path}/x.json")
    assert "packet = UDP(sport=53," in (tmp_path / "x.py").read_text()
    assert "this packet begins with UDP" in pipe.fail(f"save {tmp_path}/x.pcap")


def test_saving_and_opening(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP(ttl=9)/UDP()/'payload'", "fe add STLVmTrimPktSize fv_name=x")
    packet = pipe.session.packet
    for ending in ("pcap", "trp", "json", "py"):
        assert "bytes saved to" in pipe.run(f"save {tmp_path}/packet.{ending}")
        assert "exists; save -f" in pipe.fail(f"save {tmp_path}/packet.{ending}")
        pipe.run(f"save -f {tmp_path}/packet.{ending}")
    assert "cannot write" in pipe.fail(f"save {tmp_path}/nowhere/packet.pcap")
    for ending in ("pcap", "trp", "json"):
        pipe.run("build Ether()", f"open {tmp_path}/packet.{ending}")
        assert pipe.session.packet.frame == packet.frame
        if ending == "trp":
            assert pipe.session.packet.program == packet.program
    document = json.loads((tmp_path / "packet.trp").read_text())
    assert document["fileType"] == "trex-packet-editor"
    assert all(isinstance(layer["fields"], list) for layer in document["packet"])


@pytest.mark.processes
def test_a_saved_expression_builds_the_packet_in_plain_scapy(pipe: Pipe, tmp_path: Path) -> None:
    pipe.run("build Ether()/IP(ttl=9)/TCP(options=[('MSS', 1460)])/'payload'")
    pipe.run(f"save {tmp_path}/packet.py")
    program = "import packet, sys; sys.stdout.buffer.write(bytes(packet.packet))"
    built = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**environment(), "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
    )
    assert built.stdout == pipe.session.packet.frame


def document(**members: object) -> str:
    """The text of a document of the packet editor, with these members otherwise."""
    whole = {"fileType": "trex-packet-editor", "version": "1.0.0", "metadata": {"caption": ""}}
    return json.dumps(whole | {"packet": []} | members)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "not a document of the packet editor"),
        ("{", "not a document of the packet editor"),
        ("no capture", "-32098"),
        ("", "-32098"),
        (document(feInstructions=[5]), "not a document of the packet editor"),
        (document(feInstructions=[{"id": 5}]), "is not one"),
        (document(fePrarameters=[1]), "not a document of the packet editor"),
        ("[1]", "-32098"),
    ],
)
def test_files_that_cannot_be_opened(pipe: Pipe, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    assert said in pipe.fail(f"open {path}")


def test_walking_through_a_capture(pipe: Pipe, tmp_path: Path, server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}") as client:
        frames = [bytes(12) + b"\x90\x00" + bytes([number]) for number in range(3)]
        (tmp_path / "three.pcap").write_bytes(client.write_pcap(frames))
    assert pipe.run(f"open {tmp_path}/three.pcap").startswith("packet 1 of 3, 15 bytes\n")
    assert pipe.run("next").startswith("packet 2 of 3")
    assert pipe.run("goto 3").startswith("packet 3 of 3")
    assert "the packets 1 to 3, not 4" in pipe.fail("next")
    assert pipe.run("prev").startswith("packet 2 of 3")
    pipe.run("set Raw.load b'changed'")
    assert pipe.run("next").startswith("packet 3 of 3")
    assert pipe.run("prev").startswith("packet 2 of 3, 21 bytes")  # the change is kept
    saved = tmp_path / "edited.pcap"
    assert "3 packets, without the times" in pipe.run(f"save {saved}")
    changed = frames[1][:14] + b"changed"
    assert [each.data for each in read_capture(saved.read_bytes())] == [
        frames[0],
        changed,
        frames[2],
    ]
    pipe.run(f"save -f --packet {saved}")
    assert [each.data for each in read_capture(saved.read_bytes())] == [changed]
    pipe.run("undo", "undo")
    assert pipe.run("undo").startswith("packet 2 of 3, 15 bytes")


def test_captures_of_other_link_types_can_be_edited(pipe: Pipe, tmp_path: Path) -> None:
    ip = bytes.fromhex("450000140001000040000000100000013000000100"[:40])
    header = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000065000000")
    record = bytes(8) + len(ip).to_bytes(4, "little") * 2
    (tmp_path / "ip.pcap").write_bytes(header + record + ip)
    pipe.run(f"open {tmp_path}/ip.pcap")
    assert pipe.session.packet.frame == ip
    pipe.run("set IP.ttl 9")
    assert pipe.session.packet.frame == ip[:8] + b"\x09" + ip[9:]
