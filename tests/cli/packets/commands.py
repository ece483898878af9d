"""The commands in this process, as a person calls them."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from scapy_server.cli.app import app


def run(*arguments: object, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def done(*arguments: object, typed: bytes = b"") -> Result:
    """A command that has succeeded."""
    result = run(*arguments, typed=typed)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments: object, typed: bytes = b"") -> str:
    """The line of a command that has failed."""
    result = run(*arguments, typed=typed)
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("scapy-server: ")
    assert result.stderr.count("\n") == 1
    return result.stderr
