from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.layers.vxlan import VXLAN

from scapy_server.streams.counters import Counters, shortest_cut
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Stream
from tests.streams.support import FRAME, counted, packet, stream

ETHER = Ether(src="0:0:0:0:0:1", dst="0:0:0:0:0:2")


def register(*streams: Stream) -> Counters:
    counters = Counters()
    for made in streams:
        counters.register((0, "_", made.stream_id), made)
    return counters


def refused(*streams: Stream) -> str:
    with pytest.raises(StreamRefused) as refusal:
        register(*streams)
    assert refusal.value.where[-1] == "flow_stats"
    return refusal.value.engine_text


def test_numbers_are_handed_out_in_order_and_kind_by_kind() -> None:
    streams = [
        stream(1, flow_stats=counted(70)),
        stream(2, flow_stats=counted(71, "latency")),
        stream(3),
        stream(4, flow_stats=counted(72)),
        stream(5, flow_stats=counted(70)),
        stream(6, flow_stats=counted(73, "latency"), flags=8),
    ]
    counters = register(*streams)
    assert counters.number(streams) == {1: 0, 2: 0, 4: 1, 5: 0}
    assert counters.number([stream(9, flow_stats=counted(74))]) == {9: 2}


def test_the_last_stream_of_an_id_gives_its_number_back() -> None:
    one, two = stream(1, flow_stats=counted(70)), stream(2, flow_stats=counted(70))
    counters = register(one, two)
    counters.number([one, two])
    counters.release((0, "_", 1), one)
    assert counters.number([two]) == {2: 0}
    counters.release((0, "_", 2), two)
    counters.release((0, "_", 3), stream(3))
    other = stream(3, flow_stats=counted(71))
    assert counters.number([other]) == {3: 0}


def test_numbers_run_out() -> None:
    streams = [stream(n, flow_stats=counted(n, "latency")) for n in range(129)]
    with pytest.raises(StreamRefused) as refusal:
        register(*streams).number(streams)
    assert refusal.value.engine_text.startswith("Failed allocating statistic counter.")
    assert refusal.value.where[0] == "stream 128"


def test_who_may_share_an_id() -> None:
    tcp = packet(bytes(ETHER / IP() / TCP() / bytes(20)))
    protocol = "Can't use same pg_id for streams with different l4 protocol"
    alone = (
        "For payload rules: Can't have two streams with same pg_id, or same stream on more "
        "than one port"
    )
    stats, latency = counted(5), counted(5, "latency")
    assert refused(stream(1, flow_stats=stats), stream(2, flow_stats=stats, packet=tcp)) == protocol
    assert refused(stream(1, flow_stats=stats), stream(2, flow_stats=latency)) == protocol
    assert refused(stream(1, flow_stats=latency), stream(2, flow_stats=stats)) == alone
    assert refused(stream(1, flow_stats=latency), stream(2, flow_stats=latency)) == alone


@pytest.mark.parametrize(
    ("frame", "stats", "text"),
    [
        (ETHER / ARP(), counted(1), "Failed determining l3 proto for packet"),
        (
            ETHER / IP() / UDP() / bytes(10),
            counted(1, "latency"),
            None,
        ),
        (
            ETHER / IP() / TCP(options=[("NOP", None)] * 20) / bytes(10),
            counted(1, "latency"),
            "Need at least 16 payload bytes for payload rules. Packet only has 10 bytes",
        ),
        (
            ETHER / IP() / TCP(options=[("NOP", None)] * 20),
            counted(1, "latency"),
            "Failed getting payload len",
        ),
        (ETHER / IP() / TCP() / bytes(60), counted(1, vxlan=True), "VXLAN tunnel requires UDP"),
        (
            ETHER / IP() / UDP() / VXLAN(),
            counted(1, vxlan=True),
            "Packet is too small to have VXLAN tunnel",
        ),
    ],
)
def test_what_cannot_be_counted(frame: Any, stats: dict[str, Any], text: str | None) -> None:
    made = stream(packet=packet(bytes(frame)), flow_stats=stats)
    if text is None:
        register(made)
    else:
        assert refused(made) == text


def test_cut_packets_must_leave_room_for_the_header() -> None:
    variable = {"type": "flow_var", "name": "n", "size": 2, "op": "inc", "step": 1}
    variable |= {"init_value": 64, "min_value": 64, "max_value": 300}
    vm = {"instructions": [variable, {"type": "trim_pkt_size", "name": "n"}]}
    made = stream(packet=packet(FRAME.ljust(300, b"x")), vm=vm, flow_stats=counted(1, "latency"))
    assert shortest_cut(made) == 64
    assert refused(made).endswith("minimum packet size should be at least 76")
    assert shortest_cut(stream()) is None
