from __future__ import annotations

from scapy_server.streams.timeline import INTERVALS, timeline
from scapy_server.streams.traffic import Traffic
from tests.streams.support import FRAME, burst, continuous, stream


def test_packets_are_counted_by_interval_and_stream() -> None:
    traffic = Traffic()
    for port, name in ((0, "_"), (1, "b")):
        traffic.add_stream(port, name, stream(1, mode=continuous(200)))
        traffic.add_stream(port, name, stream(2, mode=burst(3, 1000), name="three"))
        traffic.start(port, name, duration=0.1)
    line = timeline(traffic, 10_000)
    assert line.names == ["0.three", "0.1", "1.b.three", "1.b.1"]
    assert line.packets.shape == (INTERVALS, 4)
    assert line.packets.sum(axis=0).tolist() == [3, 20, 3, 20]
    assert line.bits.sum() == 46 * 8 * (len(FRAME) + 4)


def test_nothing_is_sent() -> None:
    assert timeline(Traffic(), 10).packets.sum() == 0
