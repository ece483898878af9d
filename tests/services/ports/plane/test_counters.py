from __future__ import annotations

import pytest

from scapy_server.services.ports.plane.counters import (
    FLOW_PLACES,
    STREAM_PLACES,
    Counter,
    Counters,
    Rate,
    StreamCounter,
)


@pytest.mark.parametrize("ports", [1, 2, 16])
def test_a_buffer_of_its_size_holds_all(ports: int) -> None:
    Counters(ports, bytearray(Counters.size(ports)))
    with pytest.raises(ValueError, match="size"):
        Counters(ports, bytearray(Counters.size(ports) - 8))


def test_what_is_written_is_read_through_the_same_memory() -> None:
    memory = bytearray(Counters.size(2))
    writer, reader = Counters(2, memory), Counters(2, memoryview(memory))
    writer.clock[0] = 1.5
    writer.loads[:2] = 99.0, 7.0
    writer.ports[1, Counter.WORST_NANOSECONDS] = 7
    writer.rates[1, Rate.RX_BPS] = 0.5
    writer.flows[1, FLOW_PLACES - 1, 3] = 1 << 40
    writer.flow_rates[1, FLOW_PLACES - 1, 3] = 0.25
    writer.streams[1, STREAM_PLACES - 1, StreamCounter.SENT_BYTES] = 1 << 41
    assert int(reader.streams[1, -1, 1]) == int(reader.streams.sum()) == 1 << 41
    assert (reader.clock[0], *reader.loads[:3]) == (1.5, 99.0, 7.0, 0.0)
    assert int(reader.ports[1].sum()) == 7
    assert float(reader.rates.sum()) == 0.5
    assert int(reader.flows[1, -1, 3]) == int(reader.flows.sum()) == 1 << 40
    assert float(reader.flow_rates.sum()) == 0.25


def test_they_begin_at_nothing() -> None:
    counters = Counters(3)
    for counted in (counters.ports, counters.rates, counters.flows, counters.flow_rates):
        assert len(counted) == 3
        assert not counted.any()
