"""Every packet of docs/cookbook.md is built, and tshark sees the stack that the page says."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from scapy_server.rpc import Dispatcher
from tests import tshark
from tests.services.packets.calling import call

PAGE = (Path(__file__).parents[1] / "docs" / "cookbook.md").read_text()
JOBS = re.findall(r"^## (.+)\n\n```\n(.+)\n```\n\ntshark: `(.+)`$", PAGE, re.MULTILINE)

#: Of a first fragment nobody can verify the checksum over all of them.
INCOMPLETE = {"A first fragment"}


def test_every_heading_has_its_job() -> None:
    assert [title for title, _, _ in JOBS] == re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert len(JOBS) >= 30


def test_tshark_sees_what_the_page_says(dispatcher: Dispatcher, tmp_path: Path) -> None:
    frames = []
    for _, expression, _ in JOBS:
        model = call(dispatcher, "read_expression", [expression])
        frames.append(call(dispatcher, "build_pkt", [model])["binary"])
    capture = tmp_path / "cookbook.pcap"
    capture.write_bytes(base64.b64decode(call(dispatcher, "write_pcap", [frames])))
    packets = tshark.dissect(capture)
    assert [packet.stack for packet in packets] == [stack for _, _, stack in JOBS]
    faults = {
        title: packet.faults
        for (title, _, _), packet in zip(JOBS, packets, strict=True)
        if packet.faults and title not in INCOMPLETE
    }
    assert faults == {}
