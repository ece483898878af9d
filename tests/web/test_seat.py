from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from scapy_server.captures.records import PacketRecord
from scapy_server.desk import editing
from scapy_server.desk.document import Document
from scapy_server.desk.editing import built
from scapy_server.desk.packet import Packet
from scapy_server.desk.questions import Asking, Question
from scapy_server.web.link import Link
from scapy_server.web.seat import Seat, differing
from scapy_server.web.shelf import Opened
from tests.web.panes.shown import seated
from tests.web.simulated import until
from tests.web.trees import MODEL, built_packet


def set_in_ip(packet: Packet, field: str, value: int) -> Asking[Packet]:
    return editing.set_field(packet, 1, field, value)


def set_ttl_byte(packet: Packet, data: bytes) -> Asking[Packet]:
    return editing.write_bytes(packet, 22, 23, data)


def at_a_seat(server_port: int, story: Callable[[Seat], Awaitable[None]]) -> None:
    async def telling() -> None:
        link = Link(f"127.0.0.1:{server_port}")
        try:
            seat = Seat(Opened("one", Document("mine")), link)
            assert await seat.take("build", built(MODEL))
            await story(seat)
        finally:
            link.close()

    asyncio.run(telling())


def test_edits_begin_with_what_the_one_before_left(server_port: int) -> None:
    async def story(seat: Seat) -> None:
        wanted = ((1, "ttl"), (2, "tos"), (3, "id"))
        edits = [
            seat.edit(f"{field} = {value}", partial(set_in_ip, field=field, value=value))
            for value, field in wanted
        ]
        assert await asyncio.gather(*edits) == [None, None, None]
        frame = seat.document.packet.frame
        assert (frame[22], frame[15], frame[19]) == (1, 2, 3)
        assert len(seat.document.history.past) == 4

    at_a_seat(server_port, story)


def test_a_refused_edit_leaves_the_packet_and_says_why(server_port: int) -> None:
    async def story(seat: Seat) -> None:
        before = seat.document.packet
        problem = await seat.edit("x", lambda packet: editing.set_field(packet, 1, "ttl", 999))
        assert problem is not None and problem.startswith("layer 1 (IP), field ttl: ")
        assert seat.document.packet is before
        assert len(seat.document.history.past) == 1

    at_a_seat(server_port, story)


def test_two_nibbles_of_a_byte_are_one_step(server_port: int) -> None:
    async def story(seat: Seat) -> None:
        for data, joined in ((b"\xf0", False), (b"\xff", True)):
            await seat.edit("byte 22", partial(set_ttl_byte, data=data), joined=joined)
        assert seat.document.packet.frame[22] == 0xFF
        assert seat.changed_bytes == {22}
        await seat.undo()
        assert seat.document.packet.frame[22] == 64

    at_a_seat(server_port, story)


def test_what_nothing_can_undo_is_said(server_port: int) -> None:
    async def story(seat: Seat) -> None:
        said: list[str] = []
        seat.failed = said.append
        await seat.redo()
        assert said == ["there is nothing to redo"]
        assert not await seat.take("x", editing.from_expression("Nope()"))
        assert "Nope" in said[1]

    at_a_seat(server_port, story)


def test_packets_of_a_capture_are_dissected_when_they_are_looked_at(server_port: int) -> None:
    async def story(seat: Seat) -> None:
        frame = built_packet().frame
        seat.document.add_records([PacketRecord(1, frame, 1, 0, len(frame))])
        await seat.go_to(1)
        assert [layer["id"] for layer in seat.document.packet.layers][:2] == ["Ether", "IP"]
        assert len(seat.document.history.past) == 1

    at_a_seat(server_port, story)


def test_a_packet_that_nobody_waits_for_is_not_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def telling() -> None:
        seat = await seated()
        said: list[str] = []
        seat.failed = said.append
        frame = seat.document.packet.frame
        seat.document.add_records([PacketRecord(1, frame, 1, 0, len(frame))])

        async def never(question: Question) -> None:
            await asyncio.Event().wait()

        monkeypatch.setattr(seat.link, "answer", never)
        going = asyncio.ensure_future(seat.go_to(1))
        await until(lambda: bool(seat.opened.works._works))
        seat.opened.works._works[0].cancel()
        await going
        assert said == ["Reading packet 2: cancelled"]
        assert seat.document.position == 0
        assert not seat.opened.edits.locked()

    asyncio.run(telling())


def test_what_cannot_be_done_to_the_document_is_said() -> None:
    async def telling() -> None:
        seat = await seated()
        assert await seat.do(lambda document: document.go_to(7)) is not None
        assert await seat.do(lambda document: document.duplicate(0)) is None
        assert len(seat.document) == 2
        assert await seat.vary("IP.nope") == "the packet has no field IP.nope"

    asyncio.run(telling())


def test_differing_bytes() -> None:
    assert differing(b"abc", b"abd!") == {2, 3}
    assert differing(b"abc", b"ab") == set()
