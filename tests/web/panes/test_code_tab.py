from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.client import ClientError
from scapy_server.desk import code
from scapy_server.web.panes.code_tab import CodeTab
from scapy_server.web.seat import Seat
from tests.web.panes.shown import HereLink, shown
from tests.web.simulated import until


def texts(pane: CodeTab) -> dict[str, str]:
    return {name: label.text for name, label in pane._texts.items()}


def test_code_in_every_form_while_the_tab_is_open() -> None:
    async def story(user: User, seat: Seat, pane: CodeTab) -> None:
        pane.show()
        assert set(texts(pane).values()) == {""}
        assert not any(copy.enabled for copy in pane._copies)
        pane.open(True)
        await until(lambda: all(texts(pane).values()))
        await until(lambda: all(copy.enabled for copy in pane._copies))
        assert list(texts(pane)) == [form.name for form in code.FORMS]
        assert any("192.0.2.1" in text for text in texts(pane).values())

    shown(CodeTab, story)


def test_a_refusal_stands_where_the_code_would() -> None:
    async def story(user: User, seat: Seat, pane: CodeTab) -> None:
        link = seat.link
        assert isinstance(link, HereLink)
        for method in ("write_expression", "build_pkt", "reconstruct_pkt", "read_expression"):
            link.told[method] = ClientError(None, "the server is away")
        pane.open(True)
        await until(lambda: all(texts(pane).values()))
        assert "the server is away" in next(iter(texts(pane).values()))

    shown(CodeTab, story)
