"""The editor at a server that knows none of the newer methods: sentences, and no errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing.user import User

from scapy_server.web.documents import Documents
from tests.web.first_server import first_server
from tests.web.simulated import Story, control, tell, until
from tests.web.test_editor import append, commit


async def builds_and_edits(user: User, documents: Documents) -> None:
    document = next(iter(documents.shelf)).document
    for layer in ("IP", "TCP"):
        await append(user, documents, layer)
    commit(user, "IP.ttl", "77")
    await until(lambda: document.packet.frame[22] == 77)
    user.find("Undo").click()
    await until(lambda: document.packet.frame[22] == 64)


async def opens_bytes_and_mends_them(user: User, documents: Documents) -> None:
    frame = next(iter(documents.shelf)).document.packet.frame
    opened = await documents.from_text("pasted", frame.hex())
    await user.open(f"/d/{opened.id}")
    commit(user, "Ether.src", "02:00:00:00:00:07")
    await until(lambda: opened.document.packet.frame[6:12].hex() == "020000000007")
    assert control(user, "Ether.src").value == "02:00:00:00:00:07"


async def is_told_what_needs_a_newer_server(user: User, documents: Documents) -> None:
    await append(user, documents, "IP")
    user.find(kind=ui.tab, content="Code").click()
    await user.should_see("does not know write_expression; this needs a newer one")
    opened = next(iter(documents.shelf))
    parameters = {"name": "t", "size": "1", "op": "inc", "min_value": "1", "max_value": "9"}
    variable = {"id": "STLVmFlowVar", "parameters": parameters}
    opened.document.set_program(type(opened.document.program)((variable,)), "vary")
    opened.changed()
    user.find(kind=ui.tab, content="Stream").click()
    await user.should_see("does not know explain_program; this needs a newer one")


@pytest.mark.processes
@pytest.mark.parametrize(
    "story",
    [builds_and_edits, opens_bytes_and_mends_them, is_told_what_needs_a_newer_server],
    ids=lambda story: story.__name__,
)
def test_a_person(story: Story, tmp_path: Path) -> None:
    with first_server() as (address, server):
        tell(story, address, tmp_path)
    assert set(server.refused) <= {"write_expression", "explain_program", "render_packets"}
