"""One request, one reply, in an event loop; against sockets that misbehave."""

from __future__ import annotations

import asyncio
import socket

import pytest
import zmq

from scapy_server.client.async_connection import AsyncConnection
from scapy_server.client.connection import ATTEMPTS, ClientError
from tests.client.dropper import Dropper
from tests.running import PATIENCE


def exchange(endpoint: str, timeout: float) -> bytes:
    async def once() -> bytes:
        connection = AsyncConnection(endpoint, timeout)
        try:
            return await connection.exchange(b"hello")
        finally:
            await connection.close()

    return asyncio.run(once())


def test_nobody_is_there() -> None:
    async def ask() -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            connection = AsyncConnection(f"127.0.0.1:{unused.getsockname()[1]}", timeout=100_000)
            with pytest.raises(ClientError, match=r"nobody listens on tcp://127\.0\.0\.1:"):
                await connection.exchange(b"x", repeatable=True)
            await connection.close()

    asyncio.run(ask())


def test_nobody_answers() -> None:
    with zmq.Context() as context, context.socket(zmq.REP) as server:
        port = server.bind_to_random_port("tcp://127.0.0.1")
        with pytest.raises(ClientError, match=r"no reply .* within 0\.05 seconds"):
            exchange(f"127.0.0.1:{port}", 0.05)


def test_no_such_host() -> None:
    with pytest.raises(ClientError, match="there is no host"):
        exchange("nowhere.invalid", 1)


def test_after_a_silence_the_next_request_has_a_socket_of_its_own() -> None:
    async def silent_then_not(port: int, server: zmq.Socket[bytes]) -> bytes:
        connection = AsyncConnection(f"127.0.0.1:{port}", 60)
        connection.timeout = 0.05
        with pytest.raises(ClientError):
            await connection.exchange(b"first")
        connection.timeout = 60
        answer = asyncio.create_task(connection.exchange(b"second"))
        while True:
            await asyncio.sleep(0)
            if server.poll(10):
                message = server.recv()
                server.send(b"to " + message)
                if message == b"second":
                    break
        reply = await answer
        await connection.close()
        return reply

    with zmq.Context() as context, context.socket(zmq.REP) as server:
        port = server.bind_to_random_port("tcp://127.0.0.1")
        assert asyncio.run(silent_then_not(port, server)) == b"to second"


def test_a_closed_connection_says_so() -> None:
    async def use_after_closing() -> None:
        connection = AsyncConnection("127.0.0.1:1", 1)
        await connection.close()
        await connection.exchange(b"x")

    with pytest.raises(ClientError, match="the client is closed"):
        asyncio.run(use_after_closing())


@pytest.mark.parametrize(("repeatable", "times"), [(True, ATTEMPTS), (False, 1)])
def test_what_may_be_repeated_is_sent_again_when_the_connection_is_lost(
    repeatable: bool, times: int
) -> None:
    async def ask(port: int) -> None:
        connection = AsyncConnection(f"127.0.0.1:{port}", PATIENCE)
        try:
            await connection.exchange(b"request", repeatable)
        finally:
            await connection.close()

    dropper = Dropper()
    with pytest.raises(ClientError, match="ended the connection"):
        asyncio.run(ask(dropper.port))
    assert dropper.messages == times
    dropper.listener.close()
