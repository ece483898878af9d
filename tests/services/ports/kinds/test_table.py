"""What opens each kind of port."""

from __future__ import annotations

import pytest

from scapy_server.services.ports.kinds.loop import LoopEnd
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.kinds.table import open_lines
from scapy_server.services.ports.plane.line import LineError


def test_lines_are_opened() -> None:
    lines = open_lines([{"kind": "loop"}, {"kind": "loop"}, {"kind": "null"}], 1)
    assert [type(line) for line in lines] == [LoopEnd, LoopEnd, Null]


def test_what_cannot_be_opened_is_said() -> None:
    with pytest.raises(LineError, match="interface:nosuch0: "):
        open_lines([{"kind": "interface", "interface": "nosuch0"}], 1)
    with pytest.raises(LineError, match=r"pcap:/nowhere/x\.pcap: No such file"):
        open_lines([{"kind": "pcap", "file": "/nowhere/x.pcap"}], 1)
