"""The tree of layers, fields and parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.testing.user import User

from scapy_server.desk.editing import from_expression
from scapy_server.web.known import Known
from scapy_server.web.panes.layer_tree import LayerTree
from scapy_server.web.seat import Seat
from tests.web.panes.shown import ids, shown, type_over
from tests.web.simulated import control, until


class Told:
    """What a tree has told."""

    def __init__(self) -> None:
        self.picked: list[str | None] = []
        self.pointed: list[str | None] = []
        self.inserted: list[int] = []

    def tree(self, seat: Seat) -> LayerTree:
        known = Known(seat.link)
        tree = LayerTree(seat, known, self.picked.append, self.pointed.append, self.inserted.append)
        tree.show(seat.document.packet)
        seat.opened.listen(lambda: tree.show(seat.document.packet))
        return tree


def told(tree: LayerTree, path: str) -> tuple[str, str, str]:
    """The place, size and source that a row says."""
    props = tree._rows[path].input.props
    return props["place"], props["size"], props["source"]


def story_of(tell: Callable[[User, Seat, LayerTree], Any]) -> None:
    shown(Told().tree, tell)


def test_every_field_has_its_place_and_size() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        await user.should_see("from byte 14")
        assert told(tree, "IP.frag") == ("20.3", "13 b", "auto")
        assert told(tree, "IP.src") == ("26", "4 B", "set")
        assert control(user, "IP.ttl").value == "64"

    story_of(story)


def test_what_is_committed_is_an_edit_and_rows_keep_their_controls() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        before = control(user, "IP.ttl")
        type_over(user, "IP.ttl", "9")
        await until(lambda: seat.document.packet.frame[22] == 9)
        assert control(user, "IP.ttl") is before
        assert told(tree, "IP.ttl") == ("22", "1 B", "set")

    story_of(story)


def test_a_packet_of_another_shape_is_built_anew() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        assert await seat.take("x", from_expression("Ether()/ARP()"))
        assert "ARP.op" in tree._rows
        assert "IP.ttl" not in tree._rows
        tree.show(None)
        assert tree._rows == {}

    story_of(story)


def test_one_row_is_selected() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        for path in ("IP.ttl", "IP.src"):
            tree.select(path)
        chosen = [path for path, row in tree._rows.items() if "selected" in row.input.classes]
        assert chosen == ["IP.src"]
        tree.select("IP.nope")
        tree.select(None)
        assert not any("selected" in row.input.classes for row in tree._rows.values())

    story_of(story)


def test_a_layer_is_deleted_by_its_place() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        await tree.delete_layer(3)
        assert ids(seat) == ["Ether", "IP", "UDP"]

    story_of(story)


def test_an_absent_field_has_no_place() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        assert await seat.take("x", from_expression("Ether()/IP()/GRE()"))
        absent = [path for path, row in tree._rows.items() if row.input.props["absent"]]
        assert absent
        assert all(told(tree, path)[:2] == ("absent", "") for path in absent)

    story_of(story)


def test_what_is_typed_stays_while_layers_and_rows_come_and_go() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        typed = type_over(user, "IP.ttl", "7", key=None)
        kept = [control(user, path) for path in ("IP.ttl", "IP.dst", "UDP.dport")]
        for expression in ("Ether()/IP()/UDP()/DNS()", "Ether()/IP(options=IPOption_RR())/UDP()"):
            assert await seat.take("x", from_expression(expression))
            assert [control(user, path) for path in ("IP.ttl", "IP.dst", "UDP.dport")] == kept
            assert typed.value == "7"
        rows = tree._sections[1]._group.default_slot.children
        shown = [child for child in rows if isinstance(child, ui.input)]
        assert [line.props["path"] for line in shown] == [
            path for path in tree._rows if path.startswith("IP.")
        ]

    story_of(story)


def test_what_was_refused_in_one_packet_does_not_stand_in_another() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        seat.document.duplicate(0)
        tree.show(seat.document.packet)
        line = type_over(user, "IP.ttl", "999")
        await until(lambda: bool(line.props.get("invalid")))
        await seat.go_to(0)
        assert (line.value, line.props["invalid"]) == ("64", "")

    story_of(story)


def test_another_layer_in_a_place_is_made_anew() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        assert await seat.take("x", from_expression("Ether()/Dot1Q()/IP()"))
        names = [section.name for section in tree._sections]
        assert names == ["Ether", "Dot1Q", "IP"]
        assert list(dict.fromkeys(path.partition(".")[0] for path in tree._rows)) == names

    story_of(story)


def test_what_fields_hold_has_names_for_its_values() -> None:
    async def story(user: User, seat: Seat, tree: LayerTree) -> None:
        await tree._known.load()
        assert await seat.take("x", from_expression("Ether()/IP()/UDP()/DNS(qd=DNSQR())"))
        await until(lambda: "values_dict" in tree._rows["DNS.qd[0].qtype"].definition)
        type_over(user, "DNS.qd[0].qtype", "AAA", None)
        await user.should_see("AAAA")
        type_over(user, "DNS.qd[0].qtype", "AAAA")
        await until(lambda: seat.document.packet.frame[-3] == 28)

    story_of(story)
