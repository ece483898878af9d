"""`preview` of profiles: packets, a timeline, a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server import limits
from tests.cli.profiles import profile
from tests.cli.rendering import command
from tests.streams.support import FRAME, burst, continuous, packet, raw_stream


def test_packets_are_shown(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(name="[b]one"), raw_stream(packet=packet(FRAME[:60])))
    lines = command("preview", source, "-n", "4").output.splitlines()
    assert lines[0].split() == ["time", "port", "profile", "core", "stream", "length", "bytes"]
    assert [line.split()[:6] for line in lines[1:]] == [
        ["0.000000000", "0", "_", "0", "2", "60"],
        ["0.000000000", "0", "_", "0", "1", str(len(FRAME))],
        ["0.010000000", "0", "_", "0", "2", "60"],
        ["0.010000000", "0", "_", "0", "1", str(len(FRAME))],
    ]


def test_a_timeline(tmp_path: Path) -> None:
    source = profile(tmp_path, raw_stream(name="a"), raw_stream(mode=burst(5), name="[b]"))
    lines = command("preview", source, "-d", "0.2", "--timeline").output.splitlines()
    assert lines[0].split() == ["from", "s", "[b]", "a"]
    assert len(lines) == 21
    assert lines[1].split()[-2:] == ["1", "1"]


@pytest.mark.parametrize("more", [0, 1])
def test_how_much_a_timeline_looks_at(
    more: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = limits.Limit(50, limits.TIMELINE_PACKETS.unit, limits.TIMELINE_PACKETS.meaning)
    monkeypatch.setattr(limits, "TIMELINE_PACKETS", bound)
    source = profile(tmp_path, raw_stream(), raw_stream())
    result = command("preview", source, "--timeline", "-n", str(bound + more))
    assert result.exit_code == more


def test_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    source = profile(tmp_path, raw_stream(), raw_stream(mode=continuous(33)))
    picture = tmp_path / "a.svg"
    result = command("preview", source, "-d", "0.2", "--plot", str(picture))
    assert (result.exit_code, result.output) == (0, "")
    assert picture.stat().st_size > 1000
    result = command("preview", source, "-d", "0.2", "--plot", str(tmp_path / "a.txt"))
    assert "--plot writes .svg, .png, .pdf, not a.txt" in result.output
    silent = profile(tmp_path, raw_stream(start_paused=True), raw_stream(flags=11))
    result = command("preview", silent, "-d", "0.2", "--plot", str(picture), "--force")
    assert "there is nothing to draw: no packet is sent" in result.output
