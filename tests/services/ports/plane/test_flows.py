"""Which flow a packet belongs to that has arrived."""

from __future__ import annotations

import numpy as np
import pytest

from scapy_server.services.ports.frames import stamps
from scapy_server.services.ports.plane.counters import BASE, FLOWS
from scapy_server.services.ports.plane.flows import NONE, Flows
from scapy_server.services.ports.plane.sources import FramesSource
from tests.services.ports.rig import frame


def marked(number: int, of: bytes | None = None) -> bytes:
    """A frame whose IPv4 identification is this."""
    data = bytearray(of or frame())
    data[18:20] = number.to_bytes(2, "big")
    return bytes(data)


def stamped(flow: int, sequence: int, sent: float, generation: int = 1) -> bytes:
    stamp = stamps.Stamp(generation, flow, sequence, round(sent * 1e9))
    return marked(0xFFFF, frame(80)[: 80 - stamps.BYTES] + stamps.written(stamp))


@pytest.mark.parametrize(
    ("number", "place"),
    [(BASE, 0), (BASE + 5, 5), (BASE + FLOWS - 1, FLOWS - 1), (BASE - 1, NONE), (0, NONE)],
)
def test_a_mark_names_its_place(number: int, place: int) -> None:
    assert Flows().of_frame(marked(number)) == place
    batch = FramesSource([marked(number)]).batch(0.0)
    assert Flows().of_batch(batch, ()).tolist() == [place]


def test_the_first_mark_is_set() -> None:
    assert Flows(0x8000).of_frame(marked(0x8003)) == 3
    assert Flows(0x8000).of_frame(marked(0x7FFF)) == NONE


def test_frames_without_ip_belong_to_nobody() -> None:
    batch = FramesSource([bytes(60), bytes(20)]).batch(0.0)
    assert Flows().of_batch(batch, ()).tolist() == [NONE, NONE]
    assert Flows().of_batch(FramesSource([bytes(20)]).batch(0.0), ()).tolist() == [NONE]


def test_a_mark_behind_a_vlan_tag_is_found() -> None:
    tagged = marked(BASE + 9)[:12] + bytes.fromhex("81000001") + marked(BASE + 9)[12:]
    assert Flows().of_batch(FramesSource([tagged]).batch(0.0), ()).tolist() == [9]


def test_latency_is_the_time_between_stamp_and_arrival() -> None:
    flows = Flows()
    flows.restart(FLOWS + 3, False)
    first = stamps.FIRST_SEQUENCE
    frames = [stamped(3, first, 1.0), stamped(3, first + 1, 1.1)]
    batch = FramesSource(frames).batch(0.0, [1.0, 1.1])
    arrived = batch.taken(np.array([0, 1]), np.array([1.0005, 1.1005]))
    assert flows.of_batch(arrived, ()).tolist() == [FLOWS + 3, FLOWS + 3]
    flows.tick()
    told = flows.told(FLOWS + 3)
    assert told["lat"]["last_max"] == pytest.approx(500, abs=1)
    assert "er" not in told


def test_what_is_lost_is_an_error_and_forgotten_when_asked() -> None:
    flows = Flows()
    flows.restart(FLOWS, False)
    first = stamps.FIRST_SEQUENCE
    for sequence in (first, first + 5 & 0xFFFFFFFF):
        arrived = FramesSource([stamped(0, sequence, 0.0)]).batch(0.1)
        flows.of_batch(arrived, ())
    assert flows.told(FLOWS)["er"]["drp"] == 4
    flows.restart(FLOWS, True)
    assert "er" not in flows.told(FLOWS)
