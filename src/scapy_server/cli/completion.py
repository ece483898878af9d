"""`--install-completion zsh`: the shell may be named, as well as found out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import typer
from typer.core import TyperGroup, TyperOption

SHELLS = ("bash", "zsh", "fish")
_OPTIONS = {"--install-completion": "Install", "--show-completion": "Print"}


class CompletedGroup(TyperGroup):
    """The commands, with Typer's options for completion, which find the shell out alone."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As Typer does, with the shell for the option in front of it."""
        for option in self.params:
            verb = _OPTIONS.get(option.opts[0])
            if verb is None or not isinstance(option, TyperOption):
                continue
            option.help = (
                f"{verb} completion for the shell that is named behind it "
                f"({', '.join(SHELLS)}), or else for the current one."
            )
            shell = _named(option.opts[0], args)
            if shell is not None:
                option.callback = partial(_with_shell, option.callback, shell)
                args = args[:1]
        return super().parse_args(ctx, args)


def _named(option: str, args: Sequence[str]) -> str | None:
    """The shell behind an option that the line begins with; BadParameter for what is none."""
    if list(args[:1]) != [option] or len(args) < 2:
        return None
    if len(args) > 2 or args[1] not in SHELLS:
        raise typer.BadParameter(
            f"{' '.join(args[1:])!r} is no shell; there are {', '.join(SHELLS)}", param_hint=option
        )
    return args[1]


def _with_shell(callback: Any, shell: str, ctx: Any, param: Any, value: bool) -> Any:
    return callback(ctx, param, value and shell)
