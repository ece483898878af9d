from __future__ import annotations

from nicegui import ui
from nicegui.testing.user import User

from scapy_server.desk.names import field_rows
from scapy_server.web.panes.part_dialog import PartDialog
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown, type_over
from tests.web.simulated import until
from tests.web.trees import built_packet


class Putting:
    """A dialog over the options of IP, and what was put into them."""

    def __init__(self, problem: str | None = None) -> None:
        self.put: list[tuple[str, int, str]] = []
        self._problem = problem

    def dialog(self, seat: Seat) -> PartDialog:
        rows = field_rows(built_packet().layers)
        row = next(row for row in rows if row.path == "IP.options")
        dialog = PartDialog(row, ["IPOption_NOP()", "IPOption_EOL()"], self._put)
        dialog.open()
        return dialog

    async def _put(self, path: str, index: int, text: str) -> str | None:
        self.put.append((path, index, text))
        return self._problem


def test_what_is_typed_is_put_and_the_dialog_goes() -> None:
    putting = Putting()

    async def story(user: User, seat: Seat, dialog: PartDialog) -> None:
        await user.should_see("Add a part to IP.options")
        user.find(kind=ui.button, content="Add").click()
        await until(lambda: bool(putting.put))
        assert putting.put == [("IP.options", 0, "IPOption_NOP()")]
        await until(lambda: dialog._box.is_deleted)

    shown(putting.dialog, story)


def test_a_refusal_stays_beside_what_was_typed() -> None:
    putting = Putting("there is no layer 'x'")

    async def story(user: User, seat: Seat, dialog: PartDialog) -> None:
        type_over(user, "Part", "x")
        await until(lambda: dialog._problem.text == "there is no layer 'x'")
        assert putting.put == [("IP.options", 0, "x")]
        await user.should_see("Add a part to IP.options")

    shown(putting.dialog, story)
