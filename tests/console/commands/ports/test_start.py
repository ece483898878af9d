from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.commands.ports.profile import cells, profile
from tests.console.pipe import Pipe
from tests.services.ports.rig import Rig


def test_a_profile_is_sent(console: Pipe, rig: Rig, tmp_path: Path) -> None:
    started = console.run(f"start {profile(tmp_path)} -p 0 -m 200pps -d 5 --force")
    assert started.startswith("port 0 sends 2 streams of ")
    assert cells(console.run("ports"))[1][2] == "TX"
    rig.run_to(6.0)
    assert console.json("start " + profile(tmp_path)) == [{"port": 0, "streams": 2}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("start", "start which profile"),
        ("start x.json -p", "-p takes a value"),
        ("start x.json -p a", "a port is a number, not 'a'"),
        ("start x.json -d soon", "-d takes seconds"),
        ("start x.json -m fast", "a multiplier is a number"),
        ("start x.json y.json", "not 'y.json'"),
        ("start x.json --loud", "not '--loud'"),
        ("start 'x", "the line cannot be read"),
        ("start /nowhere/x.json", "/nowhere/x.json: No such file"),
    ],
)
def test_what_goes_wrong(console: Pipe, line: str, said: str) -> None:
    assert said in console.fail(line)


def test_a_port_of_another_is_not_taken(console: Pipe, rig: Rig, tmp_path: Path) -> None:
    rig.acquire()
    assert "already taken by" in console.fail(f"start {profile(tmp_path)}")
