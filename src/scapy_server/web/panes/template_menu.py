"""The menu "Templates": the server's ready-made packets in their folders, one click each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable

from nicegui import ui

from scapy_server.desk.packet import JsonObject
from scapy_server.web.known import Known
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.panes.folds import fold


class TemplateMenu:
    """A searchable tree of templates; `chosen` is told the id of one, and whether
    it is the person's own."""

    def __init__(
        self, known: Known, own: OwnTemplates, chosen: Callable[[str, bool], Awaitable[None]]
    ) -> None:
        self._known = known
        self._own = own
        self._chosen = chosen
        with (
            ui.dialog().props("aria-label=Templates transition-duration=0") as self._dialog,
            ui.card().classes("template-card"),
        ):
            ui.label("Templates").classes("pane-title")
            self._search = ui.input(placeholder="search", on_change=self._show)
            self._search.props('dense outlined autofocus aria-label="Search templates"')
            self._search.classes("w-full")
            self._list = ui.element("div").classes("template-list")

    async def open(self) -> None:
        """Show the templates."""
        await self._known.load()
        self._search.set_value("")
        self._show()
        self._dialog.open()

    def _show(self) -> None:
        words = str(self._search.value or "").lower().split()
        folders: dict[str, list[JsonObject]] = defaultdict(list)
        for template in self._known.templates:
            text = f"{template['id']} {template.get('meta', {}).get('description', '')}".lower()
            if all(word in text for word in words):
                folders[str(template["id"]).rpartition("/")[0]].append(template)
        self._list.clear()
        with self._list:
            for template in folders.pop("", ()):
                self._entry(template)
            names = [name for name in self._own.names() if all(w in name.lower() for w in words)]
            if names:
                with fold("Yours", is_open=True):
                    for name in names:
                        self._entry({"id": name}, is_own=True)
            for folder in sorted(folders):
                with fold(folder, is_open=bool(words)):
                    for template in folders[folder]:
                        self._entry(template)

    def _entry(self, template: JsonObject, is_own: bool = False) -> None:
        template_id = str(template["id"])

        async def choose() -> None:
            self._dialog.close()
            await self._chosen(template_id, is_own)

        button = ui.button(on_click=choose).props(
            f'flat no-caps align=left data-leads aria-label="{template_id}"'
        )
        with button.classes("template"):
            ui.label(template_id.rpartition("/")[2])
            description = str(template.get("meta", {}).get("description") or "")
            ui.label(description).classes("quiet template-about")
