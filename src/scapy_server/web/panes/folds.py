"""What is folded away until it is asked for, by a button that is called as what it shows."""

from __future__ import annotations

from nicegui import ui


def fold(name: str, is_open: bool = False) -> ui.expansion:
    """A fold named by its words alone: whether it is open is said by its state."""
    made = ui.expansion(value=is_open).classes("w-full")
    rename(made, name)
    return made


def rename(made: ui.expansion, name: str) -> None:
    """Give a fold another name."""
    made.set_text(name)
    made.props["toggle-aria-label"] = name
