from __future__ import annotations

from typing import Any

import pytest

from scapy_server.streams.reading import Capabilities, read_stream
from scapy_server.streams.refusals import StreamRefused
from scapy_server.streams.stream import Continuous, FlowStats, MultiBurst, Rate, SingleBurst
from tests.streams.support import burst, bursts, continuous, counted, packet, raw_stream, stream


def test_modes_are_read() -> None:
    assert stream(mode=continuous(5)).mode == Continuous(Rate("pps", 5.0))
    assert stream(mode=burst(3, 7, "bps_L1")).mode == SingleBurst(Rate("bps_L1", 7.0), 3)
    assert stream(mode=bursts(3, 0, 10.5)).mode == MultiBurst(Rate("pps", 100.0), 3, 10.5, 0)


def test_the_document_is_kept_whole() -> None:
    raw = raw_stream(name="a", unknown={"x": 1})
    assert read_stream(1, raw).document == raw


def test_what_may_be_left_out_has_its_default() -> None:
    read = stream()
    assert (read.start_paused, read.core_id, read.random_seed) == (False, None, 0)
    assert read.next_id is None
    assert stream(next_stream_id=4).next_id == 4
    assert stream(flow_stats=counted(3)).flow_stats == FlowStats(3, "stats")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"enabled": None}, "field 'enabled' value is null"),
        ({"isg": -1}, "'isg' has negative value."),
        ({"action_count": -1}, "'action_count' is 'int', expecting 'uint32'"),
        ({"mode": {"type": "burst"}}, "bad stream type provided: 'burst'"),
        ({"mode": burst(0)}, "single_burst: 'total_pkts' cannot be zero."),
        ({"mode": bursts(0, 1, 0)}, "multi_burst: 'pkts_per_burst' cannot be zero."),
        ({"mode": continuous(0)}, "Rate value should be positive."),
        ({"mode": continuous(-1)}, "'value' has negative value."),
        (
            {"mode": continuous(1, "bps")},
            "field 'type' can only be one of ['pps' ,'bps_L1' ,'bps_L2' ,'percentage']",
        ),
        (
            {"packet": packet(bytes(13))},
            "Bad packet size provided: 13. Should be between 14 and 9238",
        ),
        (
            {"packet": packet(bytes(9239))},
            "Bad packet size provided: 9239. Should be between 14 and 9238",
        ),
        ({"core_id": 1}, "There is only one core, hence core ID must be 0."),
        (
            {"core_id": 0, "flow_stats": counted(1, "latency")},
            "Core ID pinning is not supported for sequenced streams.",
        ),
        (
            {"flow_stats": counted(1, "tpg")},
            "Trying to add a TPG stream but TPG isn't enabled in this port.",
        ),
        ({"flow_stats": counted(1, "x")}, "Wrong rule_type"),
        (
            {"flow_stats": counted(1, "latency", ieee_1588=True)},
            "Driver doesn't support IEEE-1588.",
        ),
        ({"vm": {"instructions": 1}}, "'instructions' is 'int', expecting 'array'"),
    ],
)
def test_refusals_name_the_stream(changes: dict[str, Any], text: str) -> None:
    with pytest.raises(StreamRefused) as refusal:
        stream(9, name="udp", **changes)
    assert refusal.value.engine_text == text
    assert refusal.value.where[0] == "stream 9 (udp)"


def test_refusals_depend_on_the_port() -> None:
    pinned = raw_stream(core_id=4)
    with pytest.raises(StreamRefused) as refusal:
        read_stream(1, pinned, Capabilities(cores=3))
    text = "Core ID is: 4. It must be an integer between 0 and 2 (inclusive)."
    assert refusal.value.engine_text == text
    assert read_stream(1, pinned, Capabilities(cores=5)).core_id == 4
    measured = raw_stream(flow_stats=counted(1, "latency"))
    with pytest.raises(StreamRefused) as refusal:
        read_stream(1, measured, Capabilities(latency=False))
    assert refusal.value.engine_text == "Interface does not support given rule type"
    with pytest.raises(StreamRefused) as refusal:
        read_stream(1, measured, Capabilities(stats=False, latency=False))
    assert refusal.value.engine_text == "RX stats is not supported on this interface"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"mode": burst(0), "enabled": None}, "single_burst: 'total_pkts' cannot be zero."),
        ({"enabled": None, "core_id": 1}, "field 'enabled' value is null"),
        (
            {"core_id": 1, "packet": packet(b"x")},
            "There is only one core, hence core ID must be 0.",
        ),
        (
            {"packet": packet(b"x"), "vm": {"instructions": 1}},
            "Bad packet size provided: 1. Should be between 14 and 9238",
        ),
        (
            {"vm": {"instructions": 1}, "flow_stats": counted(1, "x")},
            "'instructions' is 'int', expecting 'array'",
        ),
    ],
)
def test_of_several_faults_the_engine_tells_the_first_in_its_order(
    changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(StreamRefused) as refusal:
        stream(9, **changes)
    assert refusal.value.engine_text == text


def test_numbers_without_a_fraction_are_whole_ones_in_a_program_too() -> None:
    variable = {"type": "flow_var", "name": "a", "size": 1.0, "op": "inc", "step": 1.0}
    write = {"type": "write_flow_var", "name": "a", "pkt_offset": 40.0, "add_value": 0.0}
    listed = {**variable, "value_list": [1.0, 5, 9.0]}
    ranged = {**variable, "init_value": 1.0, "min_value": 1.0, "max_value": 1e1}
    for made in (listed, ranged):
        instructions = [made, {**write, "is_big_endian": True}]
        read = stream(1, vm={"instructions": instructions, "cache": 5.0})
        assert read.fault is None
        assert len(read.program.instructions) == 2
        assert read.document["vm"]["instructions"] == instructions
    with pytest.raises(StreamRefused, match=r"1\.5"):
        stream(1, vm={"instructions": [{**ranged, "step": 1.5}]})
