from __future__ import annotations

from dataclasses import replace

from nicegui import ui
from nicegui.testing.user import User

from scapy_server.web.panes.packets.compare_dialog import CompareDialog
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown
from tests.web.trees import dissected_packet

LEFT = dissected_packet()
RIGHT = replace(LEFT, frame=LEFT.frame[:22] + b"\x07" + LEFT.frame[23:] + b"more")


def test_only_rows_in_which_a_byte_differs_are_shown() -> None:
    async def story(user: User, seat: Seat, dialog: CompareDialog) -> None:
        dialog.open()
        await user.should_see("packet 1 and packet 2")
        await user.should_see("All fields are the same.")
        await user.should_see("5 bytes differ")
        await user.should_see("0010")
        await user.should_not_see("0000")
        different = [each for each in user.find(ui.element).elements if "differs" in each.classes]
        assert len(different) == 2 + 4

    shown(lambda seat: CompareDialog(("packet 1", LEFT), ("packet 2", RIGHT)), story)


def test_fields_that_differ_stand_side_by_side() -> None:
    layers = [dict(layer) for layer in LEFT.layers]
    layers[1] = {**layers[1], "fields": [{**layers[1]["fields"][0], "value": 6, "hvalue": "6"}]}

    async def story(user: User, seat: Seat, dialog: CompareDialog) -> None:
        dialog.open()
        await user.should_see("IP.version")
        await user.should_see("IP.src")
        await user.should_see("none")

    right = replace(LEFT, layers=tuple(layers))
    shown(lambda seat: CompareDialog(("a", LEFT), ("b", right)), story)
