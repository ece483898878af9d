"""Options with an optional value, which Typer does not have."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand, TyperOption

DEFAULT_LOG = "scapy_server.log"

_LOG_OPTION = re.compile(r"--log|-v*l")


def with_log_file(arguments: list[str]) -> list[str]:
    """The arguments with the default file behind a `-l` or `--log` that names none."""
    result: list[str] = []
    for position, argument in enumerate(arguments):
        if argument == "--":
            return result + arguments[position:]
        result.append(argument)
        following = arguments[position + 1 : position + 2]
        if _LOG_OPTION.fullmatch(argument) and (not following or following[0].startswith("-")):
            result.append(DEFAULT_LOG)
    return result


class ServeCommand(TyperCommand):
    """A command whose `-l/--log` may stand without a file.

    It has many options, and its help would be twice as long with their variables.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, with_log_file(args))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        options = [option for option in self.params if isinstance(option, TyperOption)]
        for option in options:
            option.show_envvar = False
        try:
            super().format_help(ctx, formatter)
        finally:  # what is wrong with a variable names it
            for option in options:
                option.show_envvar = True
