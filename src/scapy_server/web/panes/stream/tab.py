"""The tab "Stream": how the packet varies and is sent, and the packets that come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import background_tasks, ui

from scapy_server.client import ClientError
from scapy_server.desk.editing import whole_model
from scapy_server.desk.packet import JsonObject, Program
from scapy_server.desk.questions import ask
from scapy_server.desk.varying import with_fixes
from scapy_server.web.known import Known
from scapy_server.web.panes.stream.instruction_cards import InstructionCards
from scapy_server.web.panes.stream.pace_form import PaceForm
from scapy_server.web.panes.stream.preview import PreviewTable
from scapy_server.web.panes.stream.timeline import TimelineView
from scapy_server.web.panes.stream.vary_form import VaryForm
from scapy_server.web.seat import Seat, sentence_of


class StreamTab:
    """The program with its explanation and warnings, the preview, pace and timeline."""

    def __init__(self, seat: Seat, known: Known) -> None:
        self._seat = seat
        self._open = False
        self._pace = PaceForm(seat)
        self._vary = VaryForm(seat)
        self._cards = InstructionCards(known, lambda: seat.document.program, self._take)
        self._words = ui.label().classes("stream-words").props("role=status")
        self._warnings = ui.element("div").classes("problem-list")
        self._preview = PreviewTable(seat)
        self._timeline = TimelineView(seat)

    def open(self, is_open: bool) -> None:
        """The tab is in view, or no more."""
        self._open = is_open
        self.show()

    def show(self) -> None:
        """Show the program, and what it does, if anyone looks."""
        if not self._open:
            return
        self._pace.show()
        self._vary.show()
        self._cards.show()
        self._timeline.show()
        background_tasks.create(self._explain())

    async def _take(self, change: Callable[[Program], Program], label: str) -> None:
        problem = await self._seat.do(
            lambda document: document.set_program(change(document.program), label)
        )
        if problem:
            self._seat.failed(problem)

    async def _explain(self) -> None:
        document = self._seat.document
        if not len(document) or not document.program.instructions:
            self._say("Every packet is the same: there are no instructions.", ())
            self._preview.clear()
            return
        extra = {"field_engine": document.program.to_json()}
        try:
            explained = await self._seat.ask(
                ask("explain_program", whole_model(document.packet), extra)
            )
        except ClientError as error:
            self._say(sentence_of(error), ())
            self._preview.clear()
            return
        failed = explained.get("error")
        self._cards.say(None if failed is None else str(failed))
        self._cards.tell(words_of(explained))
        warnings = [each for each in explained.get("warnings") or () if isinstance(each, dict)]
        self._say(str(failed or explained.get("summary") or ""), warnings)
        if failed:
            self._preview.clear()
        else:
            await self._preview.refresh()

    def _say(self, words: str, warnings: Sequence[JsonObject]) -> None:
        self._words.set_text(words)
        self._warnings.clear()
        with self._warnings:
            for warning in warnings:
                with ui.row().classes("problem"):
                    ui.icon("warning")
                    ui.label(str(warning.get("message")))
                    if str(warning.get("code", "")).endswith("_checksum"):
                        ui.button("Fix the checksum", on_click=self._fix).props(
                            "dense outline size=sm no-caps"
                        )

    async def _fix(self) -> None:
        packet = self._seat.document.packet
        await self._take(lambda program: with_fixes(packet, program), "fix the checksum")


def words_of(explained: JsonObject) -> dict[int, str]:
    """What each instruction does, by its number, as the server explains it."""
    return {
        int(each["instruction"]): str(each["text"]) for each in explained.get("instructions") or ()
    }
