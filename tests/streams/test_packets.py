from __future__ import annotations

import pytest

from scapy_server.errors import RefusedError
from scapy_server.streams.division import divide
from scapy_server.streams.packets import FlowPackets, latency_header
from tests.streams.support import FRAME, counted, packet, stream

COUNT = {"type": "flow_var", "name": "v", "size": 1, "op": "inc", "step": 1}
COUNT |= {"init_value": 5, "min_value": 1, "max_value": 7}
WRITE = {"type": "write_flow_var", "name": "v", "pkt_offset": 50, "add_value": 0}
WRITE |= {"is_big_endian": True}
VARIED = {"instructions": [COUNT, WRITE], "cache": 3}


def test_each_core_has_its_own_packets() -> None:
    made = stream(vm={"instructions": [COUNT, WRITE]})
    shares = divide([made], 1.0, 1e10, (0, 2))
    values = []
    for core in (0, 2):
        flow = FlowPackets(shares[core][0], made.template, thread=core)
        rows, lengths = flow.block(0, 4)
        assert set(lengths.tolist()) == {flow.length}
        values.append(rows[:, 50].tolist())
    assert values == [[5, 7, 2, 4], [6, 1, 3, 5]]


def test_measured_packets_end_with_a_header_and_are_not_cached() -> None:
    made = stream(vm=VARIED, flow_stats=counted(1, "latency"))
    (share,) = divide([made], 1.0, 1e10, (0,))[0]
    flow = FlowPackets(share, made.template, thread=0, header=latency_header(3))
    rows, _ = flow.block(0, 5)
    assert rows[0, -16:].tobytes().hex() == "ab01030078563412ffeeddccbbaa9988"
    assert rows[0, :-16].tobytes()[:50] == made.template[:50]
    cached = FlowPackets(divide([stream(vm=VARIED)], 1.0, 1e10, (0,))[0][0], FRAME, thread=0)
    assert cached.block(0, 5)[0][:, 50].tolist() == [5, 6, 7, 5, 6]
    assert cached.template == FRAME


def test_the_header_stands_at_the_end_of_what_is_left() -> None:
    length = {"type": "flow_var", "name": "n", "size": 2, "op": "inc", "step": 1}
    length |= {"init_value": 80, "min_value": 80, "max_value": 100}
    vm = {"instructions": [length, {"type": "trim_pkt_size", "name": "n"}]}
    made = stream(vm=vm, packet=packet(FRAME.ljust(100, b"x")), flow_stats=counted(1, "latency"))
    (share,) = divide([made], 1.0, 1e10, (0,))[0]
    flow = FlowPackets(share, made.template, thread=0, header=latency_header(0))
    assert flow.trims
    rows, lengths = flow.block(0, 3)
    assert lengths.tolist() == [80, 81, 82]
    for row, size in zip(rows, lengths, strict=True):
        assert row[size - 16 : size].tobytes() == latency_header(0)


def test_programs_are_refused_by_stream() -> None:
    made = stream(4, vm={"instructions": [WRITE]})
    (share,) = divide([made], 1.0, 1e10, (0,))[0]
    with pytest.raises(RefusedError) as refusal:
        FlowPackets(share, made.template, thread=0)
    assert refusal.value.where[:2] == ("stream 4", "instruction 0 (write_flow_var)")
    assert FlowPackets(divide([stream()], 1.0, 1e10, (0,))[0][0], FRAME, thread=0).warnings == {}
