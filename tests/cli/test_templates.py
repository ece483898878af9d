from __future__ import annotations

from typer.testing import CliRunner

from scapy_server.catalog.templates import Templates
from scapy_server.cli.app import app


def test_all_of_them_or_those_with_a_word() -> None:
    lines = CliRunner().invoke(app, ["templates"]).stdout.splitlines()
    entries = Templates().entries()
    assert [line.partition("  ")[0] for line in lines] == [entry.id for entry in entries]
    some = CliRunner().invoke(app, ["templates", "vxlan"]).stdout.splitlines()
    assert any(line.startswith("Tunnel/VXLAN") for line in some)
    assert all("vxlan" in line.lower() for line in some)


def test_a_word_that_stands_in_none() -> None:
    result = CliRunner().invoke(app, ["templates", "nonsense"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "scapy-server: no template has 'nonsense' in it\n"
