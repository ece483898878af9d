from __future__ import annotations

from nicegui.testing.user import User

from scapy_server.desk.document import Document
from scapy_server.web.panes.stream.vary_form import VaryForm
from scapy_server.web.seat import Seat
from tests.web.panes.shown import shown
from tests.web.simulated import until


def build(seat: Seat) -> VaryForm:
    form = VaryForm(seat)
    form.show()
    return form


def test_a_field_is_varied_where_the_stream_is_shown() -> None:
    async def story(user: User, seat: Seat, form: VaryForm) -> None:
        said: list[str] = []
        seat.failed = said.append
        user.find("Vary this field").click()
        await until(lambda: bool(said))
        assert said == ["choose the field that is to vary, such as IP.src"]
        assert "IP.src" in form._field.options
        assert "IP.frag" not in form._field.options
        form._field.set_value("UDP.dport")
        form._how.set_value("dec")
        form._count.set_value(3)
        user.find("Vary this field").click()
        await until(lambda: bool(seat.document.program.instructions))
        variable, write, fix = seat.document.program.instructions
        expected = {"name": "dport", "size": "2", "op": "dec", "min_value": "9", "max_value": "11"}
        assert variable["parameters"] == {**expected, "step": "1"}
        assert write["parameters"]["pkt_offset"] == "UDP.dport"
        assert fix["id"] == "STLVmFixChecksumHw"
        assert seat.document.history.past[-1].label == "vary UDP.dport"
        assert await seat.vary("TCP.dport") == "the packet has no field TCP.dport"
        assert "13 bits wide" in str(await seat.vary("IP.frag"))
        seat.opened.document = Document("empty")
        form.show()
        assert form._field.options == []

    shown(build, story)
