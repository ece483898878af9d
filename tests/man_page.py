"""Writes the manual page: `python -m tests.man_page > deploy/scapy-server.1`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import typer.main

from scapy_server import release
from scapy_server.cli.app import app
from tests.cli_page import environment
from tests.command_options import Described, described

NAME = "scapy-server"
WIDTH = 79


def page() -> str:
    """The whole page, in the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    group = typer.main.get_group(app)
    date = datetime.strptime(release.BUILD_DATE, "%b %d %Y").date()
    yield f'.TH SCAPY\\-SERVER 1 "{date}" "{NAME} {release.VERSION}" "Scapy Server"'
    yield from (".SH NAME", f"{_text(NAME)} \\- {_text(_without_full_stop(group.help or ''))}")
    yield from (".SH SYNOPSIS", f".B {_text(NAME)}", ".I COMMAND", "[OPTIONS]")
    yield ".SH COMMANDS"
    for name, command in _commands(group, NAME):
        yield from _command(name, command)
    yield from (".SH ENVIRONMENT", *_environment(group))
    yield from (".SH EXIT STATUS", *_EXITS)
    yield from (".SH SEE ALSO", "The manual, which `make docs` shows.".replace("`", ""))


_EXITS = (
    *(".TP", "0", "Everything was done."),
    *(".TP", "1", "Something was refused or went wrong; a line on standard error says what."),
    *(".TP", "2", "The command line is wrong."),
    *(".TP", "130", "Ctrl+C."),
)


def _without_full_stop(text: str) -> str:
    return text[0].lower() + text[1:].rstrip(".")


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Each command that does something, by its whole name."""
    if not hasattr(command, "commands"):
        yield name, command
        return
    for part, found in command.commands.items():
        yield from _commands(found, f"{name} {part}")


def _command(name: str, command: Any) -> Iterator[str]:
    context = command.context_class(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from (f'.SS "{_text(f"{name} {usage}")}"', *_paragraphs(command.help or ""))
    for option in described(command, context):
        bounds = f" [{option.bounds}]" if option.bounds else ""
        yield from (".TP", _names(option), *_paragraphs(option.words + bounds))


def _names(option: Described) -> str:
    if option.is_argument:
        return f"\\fI{_text(option.names[0])}\\fR"
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in option.names)
    return names + (f" \\fI{_text(option.value)}\\fR" if option.value else "")


def _environment(group: Any) -> Iterator[str]:
    """The variables, each for an option that is not given."""
    for variable, places in environment(group).items():
        options = " ".join(dict.fromkeys(f"\\fB{_text(option)}\\fR" for _, option in places))
        commands = ", ".join(f"\\fB{_text(name)}\\fR" for name, _ in places)
        yield from (".TP", f".B {_text(variable)}", f"{options} of {commands}")


def _paragraphs(text: str) -> Iterator[str]:
    """Help in Markdown: indented lines are examples, what is quoted is bold."""
    for number, paragraph in enumerate(filter(str.strip, text.split("\n\n"))):
        if number:
            yield ".sp"
        if paragraph.startswith("    "):
            yield from (".nf", *(_line(_marked(line)) for line in paragraph.splitlines()), ".fi")
        else:
            lines = textwrap.wrap(_marked(paragraph), WIDTH, break_on_hyphens=False)
            yield from map(_line, lines)


def _marked(text: str) -> str:
    parts = enumerate(re.split(r"`([^`]+)`", text))
    return "".join(f"\\fB{_text(part)}\\fR" if at % 2 else _text(part) for at, part in parts)


def _line(text: str) -> str:
    """A line of text, which must not look like a request."""
    return f"\\&{text}" if text.startswith((".", "'")) else text


def _text(text: str) -> str:
    """Text in which nothing is a command: backslashes, and dashes that can be copied."""
    return text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")


if __name__ == "__main__":
    print(page(), end="")
