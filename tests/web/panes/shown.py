"""One pane alone on a page, over a seat whose questions the service in this process answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, TypeVar, cast

from nicegui import Client, ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.desk.document import Document
from scapy_server.desk.editing import built
from scapy_server.desk.questions import Question
from scapy_server.web.link import Link
from scapy_server.web.seat import Seat
from scapy_server.web.shelf import Opened
from tests.desk.asking import Answerer
from tests.running import PATIENCE
from tests.web.simulated import control, person
from tests.web.trees import MODEL

Pane = TypeVar("Pane")


@cache
def _answerer() -> Answerer:
    return Answerer()


class HereLink:
    """A link without a wire. Answers that the test puts into `told` come in place of real ones."""

    server = "here"
    waiting = False
    latency: float | None = None

    def __init__(self) -> None:
        self.told: dict[str, Any] = {}
        self.asked: list[str] = []

    async def answer(self, question: Question) -> Any:
        self.asked.append(question.method)
        told = self.told.get(question.method)
        if isinstance(told, Exception):
            raise told
        return _answerer()(question) if told is None else told

    def on_waiting(self, listener: Callable[[], None]) -> Callable[[], None]:
        return lambda: None


def here() -> tuple[HereLink, Link]:
    """Such a link, as the test and as the editor see it."""
    link = HereLink()
    return link, cast(Link, link)


async def seated() -> Seat:
    """A seat at a document with Ether, IP, UDP and three bytes."""
    seat = Seat(Opened("one", Document("mine")), here()[1])
    assert await seat.take("build", built(MODEL))
    return seat


def shown(
    build: Callable[[Seat], Pane], story: Callable[[User, Seat, Pane], Awaitable[None]]
) -> None:
    """Have a story of one person at a pane happen."""

    async def telling() -> None:
        seat = await seated()
        made: list[Pane] = []
        async with person(lambda: made.append(build(seat))) as user:
            await user.open("/")
            try:
                await asyncio.wait_for(story(user, seat, made[0]), PATIENCE)
            finally:
                for client in Client.instances.values():
                    client.outbox.stop()  # which may miss that it is cancelled while it sends

    asyncio.run(telling())


def type_over(user: User, label: str, text: str, key: str | None = "enter") -> ui.input:
    """Type over what stands in an input, and press a key."""
    field = control(user, label)
    interaction = UserInteraction(user, {field}, None)
    interaction.clear()
    interaction.type(text)
    if key is not None:
        interaction.trigger(f"keydown.{key}")
    return field


def ids(seat: Seat) -> list[str]:
    """The layers of the packet at hand."""
    return [str(layer["id"]) for layer in seat.document.packet.layers]
