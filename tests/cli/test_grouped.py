"""Dataclasses as the parameters of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from scapy_server.cli.grouped import grouped

SAID: list[object] = []


@dataclass(frozen=True)
class Pace:
    rate: Annotated[int, typer.Option("-r", "--rate", min=1, help="How fast.")] = 7
    names: list[str] | None = None


@dataclass(frozen=True)
class Target:
    output: str = "-"


@grouped
def send(context: typer.Context, what: str, pace: Pace, target: Target) -> None:
    """Send something."""
    SAID[:] = [context.obj, what, pace, target]


app = typer.Typer()
app.command()(send)


def test_each_field_is_an_option() -> None:
    result = CliRunner().invoke(
        app, ["WHAT", "-r", "3", "--names", "a", "--names", "b", "--output", "x"], obj=5
    )
    assert result.exit_code == 0
    assert [5, "WHAT", Pace(3, ["a", "b"]), Target("x")] == SAID


def test_what_is_not_said_is_as_the_field_has_it() -> None:
    assert CliRunner().invoke(app, ["WHAT"]).exit_code == 0
    assert SAID[2:] == [Pace(), Target()]


def test_options_are_checked_and_explained_as_any() -> None:
    assert CliRunner().invoke(app, ["WHAT", "-r", "0"]).exit_code == 2
    text = CliRunner().invoke(app, ["--help"]).output
    assert "How fast." in text
    assert "Send something." in text
