"""The buttons under the list: what is done with the packets that are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from scapy_server.web.seat import Seat


class PacketActions:
    """Acts on the packets that `selected` names, the one at hand where no other is."""

    def __init__(
        self, seat: Seat, selected: Callable[[], Sequence[int]], select_all: Callable[[], None]
    ) -> None:
        self._seat = seat
        self._selected = selected
        with ui.row().classes("pane-foot"):
            self._button("flag", "Mark packet", "Space", self.mark)
            self._button("content_copy", "Duplicate packet", "", self.duplicate)
            self._button("delete", "Delete packet", "Delete", self.delete)
            self._button("arrow_upward", "Move packet up", "or drag", lambda: self._move(-1))
            self._button("arrow_downward", "Move packet down", "or drag", lambda: self._move(1))
            self._button("select_all", "Select all packets", "Ctrl+A", select_all)

    def mark(self) -> None:
        """Mark them, or no more if all are marked."""
        document = self._seat.document
        chosen = self._selected()
        marked = not all(document.is_marked(position) for position in chosen)
        for position in chosen:
            document.mark(position, marked)
        self._seat.opened.changed()

    def duplicate(self) -> None:
        """Put copies of them behind the last one."""
        if chosen := self._selected():
            self._seat.document.duplicate_all(chosen)
            self._seat.opened.changed()

    def delete(self) -> None:
        """Take them out."""
        if chosen := self._selected():
            one = f"packet {chosen[0] + 1}"
            label = f"delete {one if len(chosen) == 1 else f'{len(chosen):,} packets'}"
            self._seat.document.delete(chosen, label)
            self._seat.opened.changed()

    def move_to(self, chosen: Sequence[int], target: int) -> None:
        """Put packets where another one stands, which makes room."""
        behind = target > chosen[0]
        self._seat.document.move_all(chosen, target - len(chosen) + 1 if behind else target)
        self._seat.opened.changed()

    def _move(self, step: int) -> None:
        if chosen := self._selected():
            self._seat.document.move_all(chosen, chosen[0] + step)
            self._seat.opened.changed()

    def _button(self, icon: str, name: str, keys: str, action: Callable[[], object]) -> None:
        button = ui.button(icon=icon, on_click=action)
        button.props(f'flat dense size=sm aria-label="{name}"')
        button.tooltip(f"{name} ({keys})" if keys else name)
