"""Completion in the shells of those who type."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scapy_server.cli.app import app
from scapy_server.cli.completion import SHELLS


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=variables, prog_name="scapy-server")


@pytest.mark.parametrize(
    ("shell", "file", "begins"),
    [
        ("bash", ".bash_completions/scapy-server.sh", "_scapy_server_completion()"),
        ("zsh", ".zfunc/_scapy-server", "#compdef scapy-server"),
        ("fish", ".config/fish/completions/scapy-server.fish", "complete --command scapy-server"),
    ],
)
def test_the_shell_that_is_named_gets_it(
    shell: str, file: str, begins: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    result = run("--install-completion", shell)
    assert result.exit_code == 0, result.output
    assert f"{shell} completion installed in {tmp_path / file}" in result.stdout
    assert (tmp_path / file).read_text().strip().startswith(begins)
    assert run("--show-completion", shell).stdout.strip().startswith(begins)


def test_a_shell_that_is_none() -> None:
    for words in (("tcsh",), ("zsh", "fish")):
        result = run("--install-completion", *words, COLUMNS="200")
        assert result.exit_code == 2
        assert f"'{' '.join(words)}' is no shell; there are bash, zsh, fish" in result.stderr


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_and_methods_are_completed(shell: str) -> None:
    def completed(line: str) -> str:
        return run(
            _SCAPY_SERVER_COMPLETE=f"complete_{shell}",
            COMP_WORDS=line,
            COMP_CWORD=str(line.count(" ")),
            _TYPER_COMPLETE_ARGS=line,
            _TYPER_COMPLETE_FISH_ACTION="get-args",
        ).stdout

    assert "explain" in completed("scapy-server expl")
    assert "build_pkts" in completed("scapy-server methods build_p")


def test_help_says_that_a_shell_may_be_named() -> None:
    shown = run("--help", COLUMNS="200").stdout
    assert "Install completion for the shell that is named behind it (bash, zsh, fish)" in shown
    assert "Print completion for the shell that is named" in shown
