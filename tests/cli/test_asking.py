from __future__ import annotations

from typing import Any

import pytest
import typer

from scapy_server.cli.asking import asked, method_names
from scapy_server.services.packets.table import METHODS


def test_parameters_go_by_position_or_by_name(server_port: int) -> None:
    place = f"127.0.0.1:{server_port}"
    assert asked(place, 60, None, "supported_methods", ["ping"]) is True
    assert asked(place, 60, None, "supported_methods", {"method_name": "ping"}) is True


@pytest.mark.parametrize(
    ("method", "params", "line"),
    [
        ("pinng", (), 'Error -32601: Method not found; did you mean "ping"?\n'),
        ("zzz", (), "Error -32601: Method not found\n"),
        ("supported_methods", {"name": 1}, "Error -32603: Invalid params: supported_methods has"),
    ],
)
def test_what_goes_wrong_is_a_line(
    server_port: int, capsys: pytest.CaptureFixture[str], method: str, params: Any, line: str
) -> None:
    with pytest.raises(typer.Exit) as ended:
        asked(f"127.0.0.1:{server_port}", 60, None, method, params)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.startswith(line)


def test_no_server_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for place, said in (("127.0.0.1:1", ": nobody listens on"), ("host:port", ": 'host:port' has")):
        with pytest.raises(typer.Exit):
            asked(place, 100_000, None, "ping")
        assert capsys.readouterr().err.startswith(f"Error{said}")


def test_the_methods_are_what_the_server_says(server_port: int) -> None:
    names = method_names(f"127.0.0.1:{server_port}", 60)
    assert set(names) == {method.name for method in METHODS}
    assert method_names("127.0.0.1:1", 60) == method_names("host:port", 60) == []
