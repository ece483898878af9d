from __future__ import annotations

from functools import partial

from nicegui.testing.user import User

from scapy_server.web.known import Known
from scapy_server.web.panes.packets.filter import PacketFilter
from scapy_server.web.seat import Seat
from tests.web.panes.packets.listed import fill
from tests.web.panes.shown import HereLink, shown, type_over
from tests.web.simulated import until


def a_filter(seat: Seat) -> PacketFilter:
    known = Known(seat.link)
    known.protocols = {"IP": {}, "UDP": {}}
    return PacketFilter(fill(seat, 9), known, lambda: None)


def test_packets_are_let_through_by_their_fields() -> None:
    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        assert list(pane.positions()) == list(range(10))
        type_over(user, "Filter packets", "IP.ttl in 2..4")
        await until(lambda: list(pane.positions()) == [2, 3, 4])
        assert pane.is_on
        assert not seat.document.at(2).layers  # none of so many is held
        type_over(user, "Filter packets", "")
        await until(lambda: not pane.is_on)

    shown(a_filter, story)


def lets_through(pane: PacketFilter, count: int) -> bool:
    return pane.is_on and len(pane.positions()) == count


def test_a_word_that_names_no_layer_is_a_text_to_find() -> None:
    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        for text, found in (
            ("udp", 10),
            ("48.0.0.1", 10),
            ("GRE", 0),
            ("UDP", 10),
            ("IP.frag", 10),
        ):
            type_over(user, "Filter packets", text)
            await until(partial(lets_through, pane, found))

    shown(a_filter, story)


def test_names_that_do_not_exist_are_refused() -> None:
    def checked(seat: Seat) -> PacketFilter:
        known = Known(seat.link)
        known.protocols = {"IP": {"id": "IP", "fields": [{"id": "src"}]}}
        return PacketFilter(fill(seat, 9), known, lambda: None)

    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        type_over(user, "Filter packets", "IP.sorc == 192.0.2.1")
        await user.should_see("there is no field 'sorc' in IP; did you mean \"src\"?")
        assert not pane.is_on
        type_over(user, "Filter packets", "IPX.src == 192.0.2.1 or IP")
        await user.should_see("there is no layer 'IPX'; did you mean \"IP\"?")
        type_over(user, "Filter packets", "IP:1.src == 192.0.2.1 or UDP.dport == 1")
        await until(partial(lets_through, pane, 0))

    shown(checked, story)


def test_what_asks_no_field_asks_the_server_nothing() -> None:
    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        link = seat.link
        assert isinstance(link, HereLink)
        before = len(link.asked)
        type_over(user, "Filter packets", "number in 3..5 and length > 40")
        await until(lambda: list(pane.positions()) == [2, 3, 4])
        assert len(link.asked) == before

    shown(a_filter, story)


def test_what_is_no_condition_is_said() -> None:
    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        type_over(user, "Filter packets", "IP.ttl ==")
        await until(lambda: "the filter ends" in pane._problem.text)
        assert not pane.is_on

    shown(a_filter, story)


def test_a_search_that_is_cancelled_shows_what_it_found() -> None:
    async def story(user: User, seat: Seat, pane: PacketFilter) -> None:
        begin = seat.opened.works.begin

        def cancelled(*given):  # type: ignore[no-untyped-def]
            context = begin(*given)
            work = context.__enter__()
            work.cancel()
            seat.opened.works.begin = begin  # type: ignore[method-assign]
            return _Entered(context, work)

        seat.opened.works.begin = cancelled  # type: ignore[method-assign]
        type_over(user, "Filter packets", "IP.ttl < 99")
        await until(lambda: "packets from 2 on" in pane._problem.text)
        assert list(pane.positions()) == [0]

    shown(a_filter, story)


class _Entered:
    def __init__(self, context, work) -> None:  # type: ignore[no-untyped-def]
        self._context, self._work = context, work

    def __enter__(self):  # type: ignore[no-untyped-def]
        return self._work

    def __exit__(self, *raised: object) -> None:
        self._context.__exit__(*raised)
