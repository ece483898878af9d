"""Stories of one person at a document, on the real pages and a real packet server."""

from __future__ import annotations

from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing.user import User
from nicegui.testing.user_interaction import UserInteraction

from scapy_server.web.documents import Documents
from tests.web.simulated import Story, control, tell, until

pytestmark = pytest.mark.processes


def commit(user: User, path: str, text: str) -> ui.input:
    """Type over a field's value, and press Enter."""
    field = control(user, path)
    interaction = UserInteraction(user, {field}, None)
    interaction.clear()
    interaction.type(text)
    interaction.trigger("keydown.enter")
    return field


async def append(user: User, documents: Documents, layer: str) -> None:
    document = next(iter(documents.shelf)).document
    before = len(document.packet.layers)
    search = control(user, "Search layers")
    interaction = UserInteraction(user, {search}, None)
    interaction.clear()
    interaction.type(layer)
    interaction.trigger("keydown.enter")
    await until(lambda: len(document.packet.layers) > before)


async def edits_and_undoes(user: User, documents: Documents) -> None:
    document = next(iter(documents.shelf)).document
    for layer in ("IP", "TCP"):
        await append(user, documents, layer)
    assert [layer["id"] for layer in document.packet.layers] == ["Ether", "IP", "TCP"]
    commit(user, "IP.ttl", "77")
    await until(lambda: document.packet.frame[22] == 77)
    user.find("Undo").click()
    await until(lambda: document.packet.frame[22] == 64)
    await until(lambda: control(user, "IP.ttl").value == "64")
    user.find("Redo").click()
    await until(lambda: document.packet.frame[22] == 77)


async def is_refused_and_mends_it(user: User, documents: Documents) -> None:
    document = next(iter(documents.shelf)).document
    await append(user, documents, "IP")
    before = document.packet
    field = commit(user, "IP.src", "nonsense")
    await until(lambda: bool(field.props.get("invalid")))
    await user.should_see("'nonsense' is not an IPv4 address")
    assert document.packet is before
    assert field.value == "nonsense"
    UserInteraction(user, {field}, None).trigger("keydown.escape")
    await until(lambda: not field.props.get("invalid"))
    assert field.value == "16.0.0.1"


async def takes_a_layer_that_is_not_there(user: User, documents: Documents) -> None:
    search = control(user, "Search layers")
    interaction = UserInteraction(user, {search}, None)
    interaction.type("zzzz")
    interaction.trigger("keydown.enter")
    await until(lambda: any("zzzz" in message for message in user.notify.messages))


async def sees_code_that_follows(user: User, documents: Documents) -> None:
    await append(user, documents, "IP")
    user.find(kind=ui.tab, content="Code").click()
    await user.should_see("static const unsigned char packet[34]")
    await user.should_see("client.build_pkt(")


async def varies_a_field(user: User, documents: Documents) -> None:
    document = next(iter(documents.shelf)).document
    await append(user, documents, "IP")
    parameters = {"name": "t", "size": "1", "op": "inc", "min_value": "1", "max_value": "9"}
    instructions = (
        {"id": "STLVmFlowVar", "parameters": parameters},
        {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "t", "pkt_offset": "IP.ttl"}},
    )
    document.set_program(type(document.program)(instructions), "vary IP.ttl")
    next(iter(documents.shelf)).changed()
    user.find(kind=ui.tab, content="Stream").click()
    await user.should_see("Variable t (1 byte) counts up")
    await user.should_see("IP.ttl = 3")


@pytest.mark.parametrize(
    "story",
    [
        edits_and_undoes,
        is_refused_and_mends_it,
        takes_a_layer_that_is_not_there,
        sees_code_that_follows,
        varies_a_field,
    ],
    ids=lambda story: story.__name__,
)
def test_a_person(story: Story, server_port: int, tmp_path: Path) -> None:
    tell(story, f"127.0.0.1:{server_port}", tmp_path)
