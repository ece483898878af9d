"""What takes its time, with how far it is and a button that ends it."""

from __future__ import annotations

from nicegui import ui

from scapy_server.web.work import Work, Works

_EVERY = 0.25


class WorkBar:
    """Follows the work at a document; there is nothing to see while all is done at once."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._shown: list[Work] = []
        self._lines: list[tuple[ui.label, ui.linear_progress]] = []
        self._root = ui.element("div").classes("works")
        ui.timer(_EVERY, self.show)

    def show(self) -> None:
        """Show how far all is."""
        works = self._works.long()
        if works != self._shown:
            self._shown = works
            self._build()
        for work, (label, bar) in zip(works, self._lines, strict=True):
            label.set_text(words_of(work))
            bar.set_value(work.share or 0)
            if bar.props["indeterminate"] != (work.total is None):
                bar.props["indeterminate"] = work.total is None

    def _build(self) -> None:
        self._root.clear()
        self._lines.clear()
        with self._root:
            for work in self._shown:
                with ui.element("div").classes("work").props("role=status"):
                    label = ui.label()
                    bar = ui.linear_progress(show_value=False).props(f'aria-label="{work.text}"')
                    bar.props["indeterminate"] = work.total is None
                    cancel = ui.button("Cancel", on_click=work.cancel)
                    cancel.props("dense outline size=sm no-caps")
                    self._lines.append((label, bar))


def words_of(work: Work) -> str:
    """How far a piece of work is."""
    if work.total is None:
        return f"{work.text}: {work.done:,}" if work.done else work.text
    return f"{work.text}: {work.done:,} of {work.total:,}"
