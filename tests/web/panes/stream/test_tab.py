from __future__ import annotations

import json
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing.user import User

from scapy_server.desk.packet import Program
from scapy_server.streams.documents.trex_profile import DEFAULTS
from scapy_server.web.documents import Documents
from tests.web.simulated import Story, tell, until
from tests.web.test_editor import append

VARIED = (
    {
        "id": "STLVmFlowVar",
        "parameters": {"name": "t", "size": "1", "op": "inc", "min_value": "1", "max_value": "9"},
    },
    {"id": "STLVmWrFlowVar", "parameters": {"fv_name": "t", "pkt_offset": "IP.ttl"}},
)


async def mends_a_checksum_by_a_button(user: User, documents: Documents) -> None:
    opened = next(iter(documents.shelf))
    await append(user, documents, "IP")
    opened.document.set_program(Program(VARIED), "vary IP.ttl")
    opened.changed()
    user.find(kind=ui.tab, content="Stream").click()
    await user.should_see("its checksum is not fixed after")
    user.find("Fix the checksum").click()
    await until(lambda: len(opened.document.program.instructions) == 3)
    assert opened.document.program.instructions[2]["id"] == "STLVmFixIpv4"


async def opens_a_profile(user: User, documents: Documents) -> None:
    packet = {"binary": "AAAA" * 20}
    burst = {"type": "single_burst", "rate": {"type": "pps", "value": 10}, "total_pkts": 5}
    streams = [
        {**DEFAULTS, "name": "first", "packet": packet, "mode": burst, "next": "second"},
        {**DEFAULTS, "name": "second", "packet": packet, "self_start": False},
    ]
    opened = await documents.from_text("two.json", json.dumps(streams))
    await user.open(f"/d/{opened.id}")
    await user.should_see("first, 5 packets, 10 pps, then stream 2")
    user.find(kind=ui.tab, content="Stream").click()
    user.find("Draw").click()
    await user.should_see("the engine reckons")
    assert opened.document.is_profile


@pytest.mark.parametrize(
    "story", [mends_a_checksum_by_a_button, opens_a_profile], ids=lambda story: story.__name__
)
def test_a_person(story: Story, server_port: int, tmp_path: Path) -> None:
    tell(story, f"127.0.0.1:{server_port}", tmp_path)
