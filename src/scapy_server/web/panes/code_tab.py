"""The tab "Code": the packet at hand in every form in which it can be pasted elsewhere."""

from __future__ import annotations

from nicegui import background_tasks, ui

from scapy_server.client import ClientError
from scapy_server.desk import code
from scapy_server.desk.errors import DeskError
from scapy_server.web.seat import Seat, sentence_of


class CodeTab:
    """Code that follows every edit while the tab is open."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._open = False
        self._texts: dict[str, ui.label] = {}
        self._copies: list[ui.button] = []
        for form in code.FORMS:
            with ui.element("section").classes("code-form"):
                with ui.row().classes("pane-head"):
                    ui.label(form.name).classes("pane-title")
                    copy = ui.button(icon="content_copy")
                    copy.props(f'flat dense size=sm aria-label="Copy {form.name}"')
                text = ui.label().classes("mono code-text").props("tabindex=0")
                copy.on_click(lambda text=text: ui.clipboard.write(text.text))
                copy.disable()
            self._copies.append(copy)
            self._texts[form.name] = text

    def open(self, is_open: bool) -> None:
        """The tab is in view, or no more."""
        self._open = is_open
        self.show()

    def show(self) -> None:
        """Write the code anew, if anyone looks."""
        if self._open and len(self._seat.document):
            background_tasks.create(self._write())

    async def _write(self) -> None:
        document = self._seat.document
        for copy in self._copies:  # what stands there is that of another packet, or nothing
            copy.disable()
        try:
            material = await self._seat.ask(code.material(document.packet, document.program))
        except (DeskError, ClientError) as error:
            for text in self._texts.values():
                text.set_text(sentence_of(error))
            return
        for form in code.FORMS:
            self._texts[form.name].set_text(form.write(material))
        for copy in self._copies:
            copy.enable()
