"""Two packets side by side: the fields that differ, and the bytes."""

from __future__ import annotations

from itertools import islice

from nicegui import ui

from scapy_server.desk.comparing import differing_bytes, differing_fields
from scapy_server.desk.packet import Packet

_ROW = 16
_MOST_ROWS = 64
_MOST_FIELDS = 500


class CompareDialog:
    """Shows two packets, each with what it is called; made anew for each comparison."""

    def __init__(self, left: tuple[str, Packet], right: tuple[str, Packet]) -> None:
        (left_name, ours), (right_name, theirs) = left, right
        with (
            ui.dialog().props('transition-duration=0 aria-label="Compared packets"') as dialog,
            ui.card().classes("compare-card"),
        ):
            ui.label(f"{left_name} and {right_name}").classes("pane-title")
            self._fields(ours, theirs)
            differing = set(differing_bytes(ours.frame, theirs.frame))
            ui.label(f"{len(differing):,} bytes differ")
            self._bytes(ours.frame, theirs.frame, differing)
            ui.button("Close", on_click=dialog.close).props("outline no-caps")
        dialog.on("hide", dialog.delete)
        self._dialog = dialog

    def open(self) -> None:
        """Show them."""
        self._dialog.open()

    def _fields(self, left: Packet, right: Packet) -> None:
        found = list(islice(differing_fields(left, right), _MOST_FIELDS))
        with ui.element("div").classes("compare-fields mono"):
            for each in found:
                ui.label(each.path)
                ui.label("none" if each.left is None else each.left)
                ui.label("none" if each.right is None else each.right)
        if not found:
            ui.label("All fields are the same.").classes("quiet")

    def _bytes(self, left: bytes, right: bytes, differing: set[int]) -> None:
        """The rows in which a byte differs."""
        rows = sorted({offset // _ROW for offset in differing})
        with ui.element("div").classes("compare-bytes mono"):
            for row in rows[:_MOST_ROWS]:
                ui.label(f"{row * _ROW:04x}").classes("quiet")
                for frame in (left, right):
                    with ui.element("div"):
                        self._row(frame, row, differing)
        if len(rows) > _MOST_ROWS:
            ui.label(f"… and {len(rows) - _MOST_ROWS:,} rows more").classes("quiet")

    def _row(self, frame: bytes, row: int, differing: set[int]) -> None:
        for offset in range(row * _ROW, min(len(frame), (row + 1) * _ROW)):
            pair = ui.element("span").classes("differs" if offset in differing else "")
            with pair:
                ui.label(f"{frame[offset]:02x}")
