"""Starting the editor: its pages, who may see them, and the packet server behind it."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nicegui import app, background_tasks, ui
from nicegui.server import Server

from scapy_server.client import ClientError
from scapy_server.web.access import LOOPBACK, Guard, Rule, is_wildcard
from scapy_server.web.documents import Documents
from scapy_server.web.drafts import Drafts
from scapy_server.web.editor import EditorPage
from scapy_server.web.known import Known
from scapy_server.web.link import PATIENCE, Link
from scapy_server.web.own_templates import OwnTemplates
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened, Shelf
from scapy_server.web.uploads import receive_uploads

_STYLE = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Address:
    """Where the editor listens. `token` is needed where others than this machine reach it, by
    `reached`."""

    host: str
    port: int
    token: str | None
    reached: str

    @property
    def url(self) -> str:
        """What to open in a browser."""
        host = f"[{self.reached}]" if ":" in self.reached else self.reached
        query = "" if self.token is None else f"?token={self.token}"
        return f"http://{host}:{self.port}/{query}"


#: Seconds between two looks at what has changed and is to be kept.
KEPT_EVERY = 1.0
#: Seconds between two looks at whether anyone could connect yet.
_LISTENS_EVERY = 0.02


def address(host: str, port: int, reached: str | None = None) -> Address:
    """The address with a fresh token, unless it is this machine's own."""
    token = None if host in LOOPBACK else secrets.token_urlsafe(24)
    return Address(host, port, token, reached or host)


def rule_of(where: Address) -> Rule:
    """Who is let in there."""
    hosts = {*LOOPBACK, where.host.lower(), where.reached.lower()}
    if not is_wildcard(where.host):
        return Rule(frozenset(hosts), where.token)
    return Rule(frozenset({*hosts, socket.gethostname().lower()}), where.token, any_address=True)


def prepare(link: Link, directory: Path) -> Documents:
    """Make the pages; `directory` has the person's templates and what is not saved yet."""
    shelf = Shelf()
    documents = Documents(shelf, link, OwnTemplates(directory), Drafts(directory / "drafts"))
    documents.restore()
    known = Known(link)
    receive_uploads(documents)

    @ui.page("/", title="Scapy Server", response_timeout=PATIENCE)
    async def first() -> None:
        opened = next(iter(shelf), None)
        if opened is None:
            try:
                opened = await documents.new()
            except ClientError as error:
                ui.label(f"No packet server: {error}")
                return
        await show(opened)

    @ui.page("/d/{document_id}", title="Scapy Server", response_timeout=PATIENCE)
    async def page(document_id: str) -> None:
        opened = shelf.find(document_id)
        if opened is None:
            ui.navigate.to("/")
            return
        await show(opened)

    async def show(opened: Opened) -> None:
        ui.colors(primary="#0b6e4f")
        ui.add_css(_STYLE)
        seat = Seat(opened, link)
        await known.load()
        if len(opened.document):
            await seat.dissect(opened.document.position)
        EditorPage(opened, documents, known, seat)

    app.timer(KEPT_EVERY, documents.keep)
    app.on_shutdown(documents.keep)
    app.on_shutdown(link.close)
    return documents


def serve(
    link: Link,
    where: Address,
    directory: Path,
    browse: bool = False,
    listening: Callable[[], None] = lambda: None,
) -> None:
    """Run the editor until it is stopped; `listening` is called once it answers."""
    prepare(link, directory)

    def begin() -> None:
        background_tasks.create(_once_listening(listening))

    app.on_startup(begin)
    app.config.quasar_config["loadingBar"] = {"skipHijack": True}
    app.add_middleware(Guard, rule=rule_of(where))
    ui.run(
        host=where.host,
        port=where.port,
        title="Scapy Server",
        language="en-US",
        reload=False,
        show=browse,
        show_welcome_message=False,
        tailwind=False,  # which looks through the page after each change, for a tenth of an edit
        reconnect_timeout=30.0,  # a page on a busy machine is not given up
    )


async def _once_listening(listening: Callable[[], None]) -> None:
    while not Server.instance.started:
        await asyncio.sleep(_LISTENS_EVERY)
    listening()
