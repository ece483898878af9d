from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server.captures.writing import write_capture
from scapy_server.errors import RefusedError
from scapy_server.streams.documents.capture_profile import Playing
from scapy_server.streams.documents.captures import play_capture
from tests.streams.support import FRAME


def test_a_capture_file_is_played(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(write_capture([FRAME, FRAME]))
    entries = play_capture(path, Playing()).entries
    assert [entry.raw["isg"] for entry in entries] == [0, 1]
    assert entries[0].stream().frame == FRAME


def test_refusals_name_the_packet(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    with pytest.raises(RefusedError, match="No such file"):
        play_capture(path, Playing())
    path.write_bytes(write_capture([FRAME], 101))
    with pytest.raises(RefusedError, match="packet 1: its link type is 101"):
        play_capture(path, Playing())
    path.write_bytes(write_capture([FRAME, FRAME])[:-1])
    with pytest.raises(RefusedError):
        play_capture(path, Playing())
    path.write_bytes(b"garbage of some length")
    with pytest.raises(RefusedError):
        play_capture(path, Playing())
