"""The buttons under the list: what is done with the packets that are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from scapy_server.desk.document import Document
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
            self._button("arrow_upward", "Move packet up", "or drag", partial(self._move, -1))
            self._button("arrow_downward", "Move packet down", "or drag", partial(self._move, 1))
            self._button("select_all", "Select all packets", "Ctrl+A", select_all)

    async def mark(self) -> None:
        """Mark them, or no more if all are marked."""
        await self._do(_mark)

    async def duplicate(self) -> None:
        """Put copies of them behind the last one."""
        await self._do(Document.duplicate_all)

    async def delete(self) -> None:
        """Take them out."""
        await self._do(_delete)

    async def move_to(self, chosen: Sequence[int], target: int) -> None:
        """Put packets where another one stands, which makes room."""
        first = target - len(chosen) + 1 if target > chosen[0] else target
        await self._seat.do(lambda document: document.move_all(chosen, first))

    async def _move(self, step: int) -> None:
        await self._do(lambda document, chosen: document.move_all(chosen, chosen[0] + step))

    async def _do(self, act: Callable[[Document, Sequence[int]], object]) -> None:
        """Have something done with those that are selected once it is its turn."""

        def acting(document: Document) -> None:
            if chosen := self._selected():
                act(document, chosen)

        await self._seat.do(acting)

    def _button(self, icon: str, name: str, keys: str, action: Callable[[], object]) -> None:
        button = ui.button(icon=icon, on_click=action)
        button.props(f'flat dense size=sm aria-label="{name}"')
        button.tooltip(f"{name} ({keys})" if keys else name)


def _mark(document: Document, chosen: Sequence[int]) -> None:
    marked = not all(document.is_marked(position) for position in chosen)
    for position in chosen:
        document.mark(position, marked)


def _delete(document: Document, chosen: Sequence[int]) -> None:
    one = f"packet {chosen[0] + 1}"
    what = one if len(chosen) == 1 else f"{len(chosen):,} packets"
    document.delete(chosen, f"delete {what}")
