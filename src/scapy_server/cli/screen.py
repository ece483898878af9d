"""Standard output for people: lines and tables."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Of lines in a pipe or a file, where nothing is to be folded or cut.
_WIDE = 240


def screen() -> Console:
    """As wide as the terminal, or as any line where there is none."""
    from rich.console import Console  # noqa: PLC0415 (slow to load)

    width = None if sys.stdout.isatty() else _WIDE
    return Console(markup=False, highlight=False, width=width)


def table(*headings: str) -> Table:
    """A table without rules, whose words are folded at a narrow terminal and never cut."""
    from rich.table import Column, Table  # noqa: PLC0415 (slow to load)

    return Table(*(Column(heading, overflow="fold") for heading in headings), box=None)
