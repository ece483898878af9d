"""Commands for ports, to a control plane behind a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from scapy_server.console.wire import Wire
from tests.client.test_ports import served
from tests.console.pipe import Pipe
from tests.services.ports.rig import Rig
from tests.streams.support import burst, counted, raw_stream


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def console(rig: Rig) -> Iterator[Pipe]:
    """A console whose packet server is nowhere, and whose ports server is there."""
    wire = Wire("127.0.0.1:1", 1.0)
    console = Pipe(wire)
    with served(lambda message: rig.control.handle(message).data) as client:
        console.shell.desk.ports = client
        yield console
    wire.close()


def profile(tmp_path: Path) -> str:
    path = tmp_path / "my profile.json"
    first = raw_stream(name="a", mode=burst(3, 1000), flow_stats=counted(5))
    path.write_text(json.dumps([first, raw_stream(mode=burst(4, 1000))]))
    return f"'{path}'"


def cells(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_profile_is_sent_and_counted(console: Pipe, rig: Rig, tmp_path: Path) -> None:
    _, first, second = cells(console.run("ports"))
    assert (first[:3], second[:3]) == (["0", "-", "IDLE"], ["1", "-", "IDLE"])
    started = console.run(f"start {profile(tmp_path)} -p 0 -m 200pps -d 5 --force")
    assert started.startswith("port 0 sends 2 streams of ")
    assert cells(console.run("ports"))[1][2] == "TX"
    rig.run_to(6.0)
    _, sent, received = cells(console.run("stats"))
    assert (sent[1], received[2]) == ("7", "7")
    assert cells(console.run("stats 1"))[1][:3] == ["1", "0", "7"]
    assert console.run("stop") == "port 0 is free\n"
    assert cells(console.run("ports"))[1][1:3] == ["-", "STREAMS"]


def test_messages_are_shown(console: Pipe) -> None:
    console.run("verbose on")
    shown = console.run("stats 0")
    assert '"method": "get_port_stats"' in shown
    assert '"opackets": 0' in shown
    console.run("verbose off")
    assert "get_port_stats" not in console.run("stats 0")


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
        ("stop", "no port was started from here"),
        ("stats x", "a port is a number"),
        ("stats 9", "invalid port id"),
        ("ports nowhere:x", "nowhere:x"),
    ],
)
def test_what_goes_wrong(console: Pipe, line: str, said: str) -> None:
    assert said in console.fail(line)


def test_a_port_of_another_is_not_taken(console: Pipe, rig: Rig, tmp_path: Path) -> None:
    rig.acquire()
    assert "already taken by" in console.fail(f"start {profile(tmp_path)}")
