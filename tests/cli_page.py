"""Writes the page: `python -m tests.cli_page > docs/cli.md`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from scapy_server.cli.app import app
from tests.command_options import Described, described


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The command line"
    yield ""
    yield "Generated from the commands themselves. `scapy-server COMMAND --help` says the same."
    group = typer.main.get_group(app)
    yield from _command(group, "scapy-server")
    yield from _environment(group)


def environment(group: Any) -> dict[str, list[tuple[str, str]]]:
    """Every variable, with the commands and their options that it stands for."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, command in group.commands.items():
        for parameter in getattr(command, "params", ()):
            if parameter.envvar:
                found.setdefault(str(parameter.envvar), []).append((name, parameter.opts[-1]))
    return dict(sorted(found.items()))


def _environment(group: Any) -> Iterator[str]:
    yield from ("", "## Environment", "")
    yield "A variable stands for an option that is not given. Where an option may be given several"
    yield "times, blanks separate its values."
    yield from ("", "| Variable | Option | of |", "|---|---|---|")
    for variable, places in environment(group).items():
        options = ", ".join(dict.fromkeys(f"`{option}`" for _, option in places))
        commands = ", ".join(f"`{name}`" for name, _ in places)
        yield f"| `{variable}` | {options} | {commands} |"


def _command(command: Any, name: str) -> Iterator[str]:
    if hasattr(command, "commands"):
        for part, found in command.commands.items():
            yield from _command(found, f"{name} {part}")
        return
    context = command.context_class(command, info_name=name)
    yield from ("", f"## {name}", "", "```")
    yield f"{name} {' '.join(command.collect_usage_pieces(context))}"
    yield from ("```", "", (command.help or "").strip(), "")
    options = [_row(option) for option in described(command, context)]
    if options:
        yield from ("| Option | |", "|---|---|", *options)


def _row(option: Described) -> str:
    names = ", ".join(f"`{name}`" for name in option.names)
    value = f" `{option.value}`" if option.value else ""
    bounds = f" [{option.bounds}]" if option.bounds else ""
    cells = (f"{names}{value}", f"{option.words}{bounds}")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    print(page(), end="")
