"""What operators write about ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from scapy_server import limits
from scapy_server.server.ports.settings import (
    PortSettings,
    read_file,
    read_ports,
    read_speed,
)
from scapy_server.services.ports.kinds.spec import LineSpec
from scapy_server.services.ports.plane.line import LineError


def test_two_wired_ports_are_the_default() -> None:
    assert read_ports([], 10.0) == (PortSettings(LineSpec("loop"), 10.0),) * 2


@pytest.mark.parametrize(
    ("text", "speed"), [("10", 10.0), ("2.5g", 2.5), ("100m", 0.1), ("1Gbps", 1.0)]
)
def test_speeds(text: str, speed: float) -> None:
    assert read_speed(text) == pytest.approx(speed)


@pytest.mark.parametrize("text", ["", "0", "fast", "-1", "1t"])
def test_what_is_no_speed(text: str) -> None:
    with pytest.raises(ValueError, match="a speed is a number of Gbit/s"):
        read_speed(text)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["loop"], "port 0 and port 1 must both be `loop`"),
        (["null", "null", "loop", "null"], "port 2 and port 3 must both be `loop`"),
        (["wlan0"], "'wlan0' is no kind of port"),
        (["null"] * (limits.PORTS + 1), "there may be at most 32 ports"),
    ],
)
def test_what_are_no_ports(words: list[str], sentence: str) -> None:
    with pytest.raises(LineError, match=sentence):
        read_ports(words, 10.0)


def test_as_many_ports_as_there_may_be() -> None:
    assert len(read_ports(["null"] * limits.PORTS, 1.0)) == limits.PORTS


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ports.toml"
    file.write_text(
        """
        host = "*"
        port_number = 5501
        speed = "1g"
        clock = "virtual"
        directory = "captures"
        [[port]]
        kind = "loop"
        wire = "loss=1%"
        [[port]]
        kind = "loop"
        speed = "100m"
        mac = "02:00:00:00:00:01"
        """
    )
    found = read_file(file, {"host": "127.0.0.1", "seed": 3}, 10.0)
    assert found["ports"] == (
        PortSettings(LineSpec("loop", wire="loss=1%"), 1.0),
        PortSettings(LineSpec("loop"), 0.1, bytes.fromhex("020000000001")),
    )
    assert (found["host"], found["port"], found["clock"], found["seed"]) == (
        "*", 5501, "virtual", 3,
    )  # fmt: skip
    assert found["directory"] == tmp_path / "captures"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("port = 1", "ports.toml: Expected `array`, got `int`"),
        ("nonsense = 1", "unknown field `nonsense`"),
        ("[[port]]\nkind = 'x'", "'x' is no kind of port"),
        ("[[port]]\nkind = 'null'\nmac = 'x'", "a MAC address is six bytes"),
        ("[[port]]\nkind = 'null'\nspeed = 'x'", "a speed is a number"),
        ("[[port]", "ports.toml: "),
    ],
)
def test_a_file_that_is_wrong(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "ports.toml"
    file.write_text(text)
    with pytest.raises(LineError, match=sentence):
        read_file(file, {}, 10.0)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LineError, match=r"cannot read .*: No such file"):
        read_file(tmp_path / "none.toml", {}, 10.0)
