"""`preview` of a single stream."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scapy_server import limits
from tests.cli.rendering import MODEL, command, write_json


def test_preview(source: str) -> None:
    result = command("preview", source, "-n", "2")
    assert result.exit_code == 0
    lines = [line.split() for line in result.output.splitlines()]
    assert lines[0] == ["packet", "IP.chksum", "IP.src", "UDP.sport", "UDP.chksum"][:4]
    assert [line[0] for line in lines[1:3]] == ["0", "1"]
    assert [line[2:] for line in lines[1:3]] == [["0.0.0.1", "1"], ["0.0.0.2", "2"]]
    assert result.output.splitlines()[3:] == [
        "src: 5 distinct values, period 5",
        "port: 3 distinct values, period 3",
        "The packets repeat every 15.",
    ]


def test_preview_of_a_constant(tmp_path: Path) -> None:
    result = command("preview", write_json(tmp_path / "m.json", MODEL))
    assert result.output == "No field changes in these packets.\nAll packets are equal.\n"


def test_preview_as_json(source: str) -> None:
    shown = json.loads(command("preview", source, "-n", "2", "--start", "3", "--json").output)
    assert [packet["index"] for packet in shown["packets"]] == [3, 4]
    sources = [
        change["value"]
        for packet in shown["packets"]
        for change in packet["changes"]
        if (change["layer"], change["field"]) == ("IP", "src")
    ]
    assert sources == ["0.0.0.4", "0.0.0.5"]
    assert (shown["lead"], shown["period"], shown["warnings"]) == (0, 15, [])


@pytest.mark.parametrize(("more", "said"), [(0, "needs matplotlib"), (1, "a plot may be at most")])
def test_how_much_is_drawn(
    more: int, said: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    drawn = str(limits.PLOTTED_PACKETS + more)
    plot = ["--plot", str(tmp_path / "a.svg"), "--plot-count", drawn]
    assert said in command("preview", source, *plot).output


def test_plot_without_matplotlib(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = command("preview", source, "--plot", str(tmp_path / "a.svg"))
    assert result.exit_code == 1
    assert (
        "--plot needs matplotlib; install it with: pip install 'scapy-server[plot]'"
        in result.output
    )


def test_a_picture_that_is_there_stays(source: str, tmp_path: Path) -> None:
    there = tmp_path / "a.svg"
    there.write_text("mine")
    result = command("preview", source, "--plot", str(there))
    assert (result.exit_code, there.read_text()) == (1, "mine")
    assert "is there already; --force replaces it" in result.output


def test_plot(source: str, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for ending in ("svg", "png"):
        path = tmp_path / f"a.{ending}"
        result = command("preview", source, "--plot", str(path))
        assert result.exit_code == 0, result.output
        assert path.stat().st_size > 1000
    result = command("preview", source, "--plot", str(tmp_path / "a.txt"))
    assert "--plot writes .svg, .png, .pdf, not a.txt" in result.output
