from __future__ import annotations

import pytest

from tests.console.pipe import Pipe


def test_messages_are_shown(console: Pipe) -> None:
    console.run("verbose on")
    shown = console.run("stats 0")
    assert '"method": "get_port_stats"' in shown
    assert '"opackets": 0' in shown
    console.run("verbose off")
    assert "get_port_stats" not in console.run("stats 0")


@pytest.mark.parametrize(
    ("line", "said"),
    [("stats x", "a port is a number, not 'x'"), ("ports nowhere:x", "nowhere:x")],
)
def test_what_goes_wrong(console: Pipe, line: str, said: str) -> None:
    assert said in console.fail(line)
