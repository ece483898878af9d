from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scapy_server.engine import Renderer
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.layers.registry import Registry
from scapy_server.programs.explain import explain, flow_bits
from scapy_server.schema.programs import Explanation
from scapy_server.streams.sources.prepared import described
from tests.engine import oracle
from tests.engine.programs import TEMPLATES
from tests.programs.programs import programs
from tests.programs.support import Given, build, compiled

SOURCE: Given = (
    "STLVmFlowVar",
    {"name": "source", "min_value": "16.0.0.1", "max_value": "16.0.0.254"},
)
WRITE: Given = ("STLVmWrFlowVar", {"fv_name": "source", "pkt_offset": "IP.src"})


def explained(registry: Registry, program: list[Given], cache: int = 0) -> Explanation:
    packet = build(registry, "Ether", "IP", "TCP")
    return explain(compiled(registry, program, packet, cache), packet)


def test_numbers_and_words(registry: Registry) -> None:
    assert msgspec.to_builtins(explained(registry, [WRITE, SOURCE])) == {
        "error": None,
        "warnings": [],
        "instructions": [
            {
                "instruction": 0,
                "id": "STLVmWrFlowVar",
                "text": "Writes source to IP.src (byte 26).",
            },
            {
                "instruction": 1,
                "id": "STLVmFlowVar",
                "text": "Variable source (4 bytes) counts up between 268435457 (16.0.0.1) and "
                "268435710 (16.0.0.254), beginning with 268435457 (16.0.0.1) in steps of 1.",
            },
        ],
        "variables": [{"name": "source", "size": 4, "distinct_values": 254, "exact": True}],
        "lead": 0,
        "period": 254,
        "uncached_period": 254,
        "distinct_packets": 254,
        "distinct_flows": 254,
        "exact": True,
        "summary": "The packets repeat after 254 packets. There are 254 different packets and "
        "254 flows.",
    }


def test_large_numbers_are_text(registry: Registry) -> None:
    eight = {"size": 8, "min_value": 1, "max_value": 2**63}
    program: list[Given] = [
        ("STLVmFlowVar", {"name": "a", "next_var": "b"} | eight),
        ("STLVmFlowVar", {"name": "b"} | eight),
        ("STLVmWrFlowVar", {"fv_name": "a", "pkt_offset": 40}),
        ("STLVmWrFlowVar", {"fv_name": "b", "pkt_offset": 50}),
    ]
    explanation = explained(registry, program)
    assert explanation.period == str(2**126)
    assert explanation.variables[0].distinct_values == str(2**63)


@pytest.mark.parametrize(
    ("program", "cache", "summary"),
    [
        ([], 0, "All packets are equal."),
        ([SOURCE, WRITE], 10, "repeat after 10 packets. The cache of 10 packets decides that."),
        (
            [("STLVmFlowVar", {"name": "source", "op": "random"}), WRITE],
            0,
            "cannot be said, as they are random or irregular; at most 256 differ.",
        ),
    ],
)
def test_summaries(registry: Registry, program: list[Given], cache: int, summary: str) -> None:
    assert summary in explained(registry, program, cache).summary


def test_variables_in_a_chain(registry: Registry) -> None:
    program: list[Given] = [
        ("STLVmFlowVar", {"name": "a", "max_value": 4, "next_var": "b"}),
        ("STLVmFlowVar", {"name": "b", "value_list": [7, 7, 8]}),
        ("STLVmFlowVarRepeatableRandom", {"name": "r", "limit": 1}),
        ("STLVmTupleGen", {"name": "t", "limit_flows": 20}),
    ]
    explanation = explained(registry, program)
    counts = {item.name: item.distinct_values for item in explanation.variables}
    assert counts == {"a": 5, "b": 2, "r": 1, "t.ip": 10, "t.port": 2, "t.flow_limit": 20}
    assert explanation.period == 1  # nothing is written


@given(program=programs)
def test_says_something_of_every_program(registry: Registry, program: list[Given]) -> None:
    packet = described(PacketCodec(registry), TEMPLATES["udp"])
    explanation = explain(compiled(registry, program, packet), packet)
    assert len(explanation.instructions) == len(program)
    assert all(item.text.endswith(".") for item in explanation.instructions)


@pytest.mark.parametrize(
    ("layers", "bits"),
    [
        (("Ether",), 0),
        (("Ether", "ARP"), 0),
        (("Ether", "IP"), 64),
        (("Ether", "IP", "ICMP"), 64),
        (("Ether", "IP", "UDP"), 96),
        (("Ether", "IPv6", "TCP"), 256 + 32),
        (("Ether", "IP", "UDP", "VXLAN", "Ether", "IP", "TCP"), 96),
    ],
)
def test_flow_bits(registry: Registry, layers: tuple[str, ...], bits: int) -> None:
    assert flow_bits(build(registry, *layers)).bit_count() == bits


#: Of streams that take longer to repeat, this many packets are looked at.
LOOKED_AT = 1500
FLOW_BYTES = slice(26, 38)


@given(program=programs, cache=st.sampled_from([0, 0, 0, 0, 1, 6, 30]))
def test_what_is_called_exact_is_what_is_sent(
    registry: Registry, program: list[Given], cache: int
) -> None:
    packet = described(PacketCodec(registry), TEMPLATES["udp"])
    done = compiled(registry, program, packet, cache)
    explanation = explain(done, packet)
    renderer = Renderer(packet.frame, done.raw)
    rows, lengths = renderer.block(0, LOOKED_AT)
    sent = [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]
    check_cycle(explanation, sent, renderer.cycle)


def check_cycle(
    explanation: Explanation, sent: list[bytes], rendered: tuple[int, int] | None
) -> None:
    """Hold what is said of a stream against its first packets and the renderer's own words."""
    if explanation.period is None:
        assert not explanation.exact
        return
    lead, period = int(explanation.lead or 0), int(explanation.period)
    counts = [int(explanation.distinct_packets or 0), int(explanation.distinct_flows or 0)]
    if explanation.exact:
        assert rendered == (lead, period)
    # Whatever is said is a bound, and what repeats does so.
    found = [len(set(sent)), len({packet.ljust(60, b"\0")[FLOW_BYTES] for packet in sent})]
    assert all(said >= seen for said, seen in zip(counts, found, strict=True))
    if lead + 2 * period > len(sent):
        return
    assert sent[lead : lead + period] == sent[lead + period : lead + 2 * period]
    if explanation.exact:
        assert counts == found
        assert (lead, period) == oracle.least_cycle(sent[: lead + period], lead)
