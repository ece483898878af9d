from __future__ import annotations

from math import inf

from scapy_server.services.ports.kinds.null import Null
from scapy_server.services.ports.plane.sources import FramesSource


def test_it_takes_all_and_gives_nothing() -> None:
    line = Null()
    assert line.send(FramesSource([bytes(60)] * 9).batch(0.0)) == 0
    line.flush()
    assert len(line.receive(9.0)) == 0
    line.close()


def test_nothing_is_waited_for() -> None:
    assert (Null.next_time, Null.descriptor) == (inf, None)
