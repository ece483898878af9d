from __future__ import annotations

import asyncio
import socket
from functools import partial

import pytest

from scapy_server.client import Client, ClientError
from scapy_server.desk.questions import Question
from scapy_server.web.link import Link
from tests.running import PATIENCE, server_in_thread


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_questions_are_answered_and_timed(server_port: int) -> None:
    async def asking() -> object:
        link = Link(f"127.0.0.1:{server_port}")
        assert link.latency is None
        answer = await link.answer(Question("ping"))
        assert link.latency is not None and not link.waiting
        link.close()
        return answer

    assert asyncio.run(asking()) in (None, {})


def test_a_refusal_comes_at_once(server_port: int) -> None:
    async def asking() -> None:
        link = Link(f"127.0.0.1:{server_port}")
        try:
            with pytest.raises(ClientError, match="there is no layer 'Nope'"):
                await link.answer(Question("build_pkt", ([{"id": "Nope"}],)))
        finally:
            link.close()

    asyncio.run(asking())


def test_a_server_that_stays_away_is_said_when_patience_ends() -> None:
    async def asking() -> None:
        link = Link(f"127.0.0.1:{free_port()}", timeout=0.05, patience=0.3)
        told: list[bool] = []
        link.on_waiting(lambda: told.append(link.waiting))
        with pytest.raises(ClientError, match="is a Scapy server running there"):
            await link.answer(Question("ping"))
        assert told == [True, False]
        link.close()

    asyncio.run(asking())


def test_what_is_cancelled_keeps_nobody_waiting(server_port: int) -> None:
    """A listener that never answers is asked first; then the link is led to a real server."""
    with socket.create_server(("127.0.0.1", 0)) as silent:

        async def asking() -> None:
            link = Link(f"127.0.0.1:{silent.getsockname()[1]}", timeout=PATIENCE)
            waiting = asyncio.create_task(link.answer(Question("ping")))
            loop = asyncio.get_running_loop()
            accepted, _ = await loop.run_in_executor(None, silent.accept)  # the question is out
            with accepted:
                link._connect = partial(Client, f"127.0.0.1:{server_port}", PATIENCE)
                waiting.cancel()
                assert await link.answer(Question("ping")) in (None, {})
            link.close()

        asyncio.run(asking())


@pytest.mark.processes
def test_a_server_that_comes_back_answers_what_was_asked_before() -> None:
    port = free_port()

    async def asking() -> None:
        link = Link(f"127.0.0.1:{port}", timeout=0.5, patience=60)
        waiting = asyncio.Event()
        link.on_waiting(waiting.set)
        answer = asyncio.create_task(link.answer(Question("build_pkt", ([{"id": "Ether"}],))))
        await waiting.wait()
        loop = asyncio.get_running_loop()
        server = server_in_thread(port=port)
        await loop.run_in_executor(None, server.__enter__)
        try:
            assert (await answer)["data"][0]["id"] == "Ether"
        finally:
            link.close()
            await loop.run_in_executor(None, server.__exit__, None, None, None)

    asyncio.run(asking())
