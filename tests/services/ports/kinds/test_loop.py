from __future__ import annotations

from math import inf

from scapy_server.services.ports.kinds.loop import loop
from scapy_server.services.ports.plane.sources import FramesSource
from scapy_server.services.ports.wire.impairments import Impairments

FRAMES = [bytes([number]) * 60 for number in range(50)]


def test_what_one_end_sends_the_other_receives() -> None:
    one, other = loop(Impairments(), 1)
    assert one.send(FramesSource(FRAMES).batch(1.0)) == 0
    assert list(one.receive(2.0).frames()) == []
    assert list(other.receive(2.0).frames()) == FRAMES
    assert list(other.receive(3.0).frames()) == []
    other.send(FramesSource(FRAMES[:1]).batch(3.0))
    assert list(one.receive(3.0).frames()) == FRAMES[:1]


def test_an_end_knows_when_something_comes() -> None:
    one, other = loop(Impairments(delay=0.5), 1)
    one.send(FramesSource(FRAMES).batch(1.0))
    assert (one.next_time, other.next_time) == (inf, 1.5)
    assert list(other.receive(1.4).frames()) == []
    assert list(other.receive(1.5).frames()) == FRAMES


def test_each_way_loses_packets_of_its_own_and_a_seed_repeats_them() -> None:
    def lost(seed: int) -> tuple[list[bytes], list[bytes]]:
        one, other = loop(Impairments(loss=0.5), seed)
        one.send(FramesSource(FRAMES).batch(0.0))
        other.send(FramesSource(FRAMES).batch(0.0))
        there, back = list(other.receive(9.0).frames()), list(one.receive(9.0).frames())
        assert (one.lost, other.lost) == (50 - len(there), 50 - len(back))
        return there, back

    there, back = lost(1)
    assert 5 < len(there) < 45
    assert there != back
    assert lost(1) == (there, back)
    assert lost(2) != (there, back)
