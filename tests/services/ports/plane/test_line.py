from __future__ import annotations

import inspect

import pytest

from scapy_server.services.ports.kinds.interface import InterfaceLine
from scapy_server.services.ports.kinds.loop import LoopEnd
from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.kinds.pcap import PcapLine
from scapy_server.services.ports.plane.line import Deaf, Line

MEMBERS = [name for name in vars(Line) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [LoopEnd, InterfaceLine, PcapLine, Null])
def test_every_kind_takes_what_a_plane_asks(kind: type[Line]) -> None:
    assert len(MEMBERS) > 8
    for name in MEMBERS:
        asked, offered = getattr(Line, name), getattr(kind, name, None)
        if inspect.isfunction(asked):
            assert inspect.isfunction(offered), name
            assert list(inspect.signature(offered).parameters) == list(
                inspect.signature(asked).parameters
            ), name


def test_on_a_deaf_line_nothing_comes() -> None:
    line = Deaf()
    assert (line.next_time, line.descriptor) == (float("inf"), None)
    assert (line.is_up, line.lost, line.dropped()) == (True, 0, 0)
    line.flush()
    line.close()
