"""The client of an event loop, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from scapy_server import AsyncClient, Client, ClientError
from tests.running import PATIENCE

STACK = "Ether()/IP(ttl=9)/TCP()"


def run(port: int, work: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with AsyncClient(f"127.0.0.1:{port}", timeout=PATIENCE) as client:
            await work(client)

    asyncio.run(connected())


def test_packets_are_those_of_the_other_client(server_port: int) -> None:
    with Client(f"127.0.0.1:{server_port}", timeout=PATIENCE) as client:
        expected = client.build(STACK)
        expression = expected.expression

    async def work(client: AsyncClient) -> None:
        packet = await client.build(STACK)
        assert packet.result == expected.result
        assert packet["IP"]["ttl"] == 9
        assert await packet.expression == expression
        assert (await client.dissect(packet.bytes)).layers == packet.layers
        failed, built = await client.build_pkts([[{"id": "Nope"}], [{"id": "Ether"}]])
        assert type(failed).__name__ == "Failed"
        assert type(built).__name__ == "Packet"
        capture = await client.write_pcap([packet.bytes])
        assert [read.bytes for read in await client.read_pcap(capture)] == [packet.bytes]

    run(server_port, work)


def test_tasks_wait_for_each_other(server_port: int) -> None:
    async def work(client: AsyncClient) -> None:
        answers = await asyncio.gather(*(client.get_version() for _ in range(20)))
        assert len(set(answers)) == 1

    run(server_port, work)


def test_errors_have_their_code(server_port: int) -> None:
    async def work(client: AsyncClient) -> None:
        with pytest.raises(ClientError, match=r"^Method not found$") as caught:
            await client.call("nope")
        assert caught.value.code == -32601
        assert await client.call("get_template", id="TCP-SYN")
        with pytest.raises(TypeError):
            await client.call("build_pkt", [], pkt_descriptor=[])

    run(server_port, work)
