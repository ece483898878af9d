from __future__ import annotations

from pathlib import Path

from tests.console.commands.ports.profile import cells, profile
from tests.console.pipe import Pipe
from tests.services.ports.rig import Rig


def test_what_was_sent_and_received(console: Pipe, rig: Rig, tmp_path: Path) -> None:
    console.run(f"start {profile(tmp_path)} -p 0 -m 200pps -d 5 --force")
    rig.run_to(6.0)
    _, sent, received = cells(console.run("stats"))
    assert (sent[1], received[2]) == ("7", "7")
    assert cells(console.run("stats 1"))[1][:3] == ["1", "0", "7"]
    assert [each["opackets"] for each in console.json("stats")] == [7, 0]
    assert "invalid port id" in console.fail("stats 9")
