"""A person at the editor, without a browser: the real pages, driven from Python."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_simulation import user_simulation

from scapy_server.web.application import prepare
from scapy_server.web.documents import Documents
from scapy_server.web.link import Link
from tests.running import PATIENCE

_LOOKS_AGAIN = 0.05  # seconds, or longer, as NiceGUI's simulation does

Story = Callable[[User, Documents], Awaitable[None]]


@asynccontextmanager
async def person(root: Callable[[], object] | None = None) -> AsyncIterator[User]:
    """A person at the page, who looks for as long as a busy machine may take to show something."""
    looks = round(PATIENCE / _LOOKS_AGAIN)
    async with user_simulation(root) as user:
        user.should_see = partial(user.should_see, retries=looks)  # type: ignore[method-assign]
        user.should_not_see = partial(  # type: ignore[method-assign]
            user.should_not_see, retries=looks
        )
        yield user


@asynccontextmanager
async def editor(server: str, directory: Path) -> AsyncIterator[tuple[User, Documents]]:
    """The editor with its own directory, and a person who has opened it."""
    async with person() as user:
        documents = prepare(Link(server), directory)
        await documents.new()
        await user.open("/")
        yield user, documents


def tell(story: Story, server: str, directory: Path) -> None:
    """Have a story of one person at the editor happen."""

    async def telling() -> None:
        async with editor(server, directory) as (user, documents):
            await asyncio.wait_for(story(user, documents), PATIENCE)

    asyncio.run(telling())


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    while not condition():
        await asyncio.sleep(0.01)


def control(user: User, path: str) -> ui.input:
    """The control of a field, by its path, or another input by its name."""
    inputs = user.find(ui.input).elements
    found = [
        each for each in inputs if path in (each.props.get("path"), each.props.get("aria-label"))
    ]
    assert len(found) == 1, path
    return found[0]
