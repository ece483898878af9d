from __future__ import annotations

from pathlib import Path

from tests.console.commands.ports.profile import cells, profile
from tests.console.pipe import Pipe


def test_ports_are_given_back(console: Pipe, tmp_path: Path) -> None:
    assert "no port was started from here" in console.fail("stop")
    console.run(f"start {profile(tmp_path)}")
    assert console.run("stop") == "port 0 is free\n"
    assert cells(console.run("ports"))[1][1:3] == ["-", "STREAMS"]
