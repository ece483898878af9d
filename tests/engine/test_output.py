"""Captures are whole however their writing ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scapy_server.captures.pace import Pace
from scapy_server.captures.reading import read_capture
from scapy_server.engine.captures import Pcap, RecordBlock
from scapy_server.engine.output import CaptureOutput
from scapy_server.engine.renderer import Renderer
from scapy_server.errors import RefusedError
from tests.engine.programs import TEMPLATES


def block(count: int) -> memoryview:
    return RecordBlock(Renderer(TEMPLATES["udp"], None), Pcap(), Pace(), count).render(0, count)


def test_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    with path.open("wb") as file:
        output = CaptureOutput(file.fileno(), Pcap(), path.name)
        output.write(block(5), 5)
        output.write(block(3), 3)
    assert (output.packets, output.size) == (8, path.stat().st_size)
    assert [frame.data for frame in read_capture(path.read_bytes())] == [TEMPLATES["udp"]] * 8


def test_an_interrupted_block_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pcap"
    real = os.write

    def interrupted(descriptor: int, data: memoryview) -> int:
        real(descriptor, data[:300])
        raise KeyboardInterrupt

    with path.open("wb") as file:
        output = CaptureOutput(file.fileno(), Pcap(), path.name)
        output.write(block(5), 5)
        monkeypatch.setattr(os, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            output.write(block(20), 20)
    assert output.packets == 5 + 300 // 82
    assert len(read_capture(path.read_bytes())) == output.packets


def test_a_full_disk() -> None:
    with (
        Path("/dev/full").open("wb") as file,
        pytest.raises(RefusedError, match="/dev/full: the disk is full"),
    ):
        CaptureOutput(file.fileno(), Pcap(), "/dev/full")


def test_a_closed_pipe() -> None:
    reading, writing = os.pipe()
    output = CaptureOutput(writing, Pcap(), "standard output")
    os.close(reading)
    with pytest.raises(RefusedError, match="standard output: its reader has closed the pipe"):
        output.write(block(5), 5)
    os.close(writing)
    assert output.packets == 0


def test_appending_to_a_file_leaves_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"before")
    with path.open("ab") as file:
        CaptureOutput(file.fileno(), Pcap(), path.name).write(block(2), 2)
    data = path.read_bytes()
    assert data.startswith(b"before")
    assert len(read_capture(data[6:])) == 2
