"""What a program does, in words and numbers, without sending a packet.

The numbers are those of `engine.variation`.

Source: docs/engine.md, "Cycles".
"""

from __future__ import annotations

from scapy_server.engine.bits import field_span
from scapy_server.engine.cycles import Cycle
from scapy_server.engine.variation import Variation
from scapy_server.numbers import json_count
from scapy_server.packet.frames.layout import BuiltPacket
from scapy_server.programs import headers
from scapy_server.programs.compiled import Compiled
from scapy_server.programs.places import padded_length
from scapy_server.schema.programs import ExplainedInstruction, ExplainedVariable, Explanation


def explain(compiled: Compiled, packet: BuiltPacket) -> Explanation:
    """The explanation of a program over its packet, without its warnings."""
    variation = Variation.of(compiled.vm, packet.frame)
    stream = variation.cycle()
    flows = variation.cycle(flow_bits(packet))
    uncached = variation.cycle(cache=False) if compiled.vm.cache else stream
    steps = sorted(compiled.steps, key=lambda step: step.index)
    return Explanation(
        instructions=[
            ExplainedInstruction(step.index, step.instruction.id, step.instruction.sentence())
            for step in steps
        ],
        variables=[
            _variable(variation, name, size)
            for step in steps
            for name, size in step.instruction.defines.items()
        ],
        lead=json_count(stream.lead if _said(stream) else 0),
        period=json_count(stream.period if _said(stream) else None),
        uncached_period=json_count(uncached.period if _said(uncached) else None),
        distinct_packets=json_count(stream.different),
        distinct_flows=json_count(flows.different),
        exact=stream.exact and flows.exact,
        summary=_summary(stream, flows, compiled.vm.cache),
    )


def _said(cycle: Cycle) -> bool:
    """Whether it can be said when something repeats; of random numbers it is not."""
    return cycle.period is not None and not cycle.drawn


def _variable(variation: Variation, name: str, size: int) -> ExplainedVariable:
    cycle = variation.values_of(name)
    return ExplainedVariable(name, size, json_count(cycle.different), cycle.exact)


def flow_bits(packet: BuiltPacket) -> int:
    """The bits of source and destination address and port: of the first IP layer that is
    there, and the first TCP, UDP or SCTP layer behind it."""
    width = padded_length(packet)
    bits = 0
    networks = [i for i, layer in enumerate(packet.layers) if layer.id in ("IP", "IPv6")]
    if not networks:
        return 0
    behind = packet.layers[networks[0] + 1 :]
    transports = [layer for layer in behind if layer.id in ("TCP", "UDP", "SCTP")]
    named = [(packet.layers[networks[0]], ("src", "dst"))]
    named += [(layer, ("sport", "dport")) for layer in transports[:1]]
    for layer, names in named:
        for name in names:
            place = headers.field_bits(layer, name)
            if place is not None:
                bits |= field_span(*place, width)
    return bits


def _summary(stream: Cycle, flows: Cycle, cache: int) -> str:
    if not _said(stream):
        most = "" if stream.different is None else f"; at most {stream.different} differ"
        return f"When the packets repeat cannot be said, as they are random or irregular{most}."
    if stream.different == 1:
        return "All packets are equal."
    about = "" if stream.exact and flows.exact else "at most "
    lead = f", but the first {stream.lead} do not come again" if stream.lead else ""
    cached = f" The cache of {cache} packets decides that." if cache == stream.period else ""
    word = "flow" if flows.different == 1 else "flows"
    return (
        f"The packets repeat after {about}{stream.period} packets{lead}.{cached} "
        f"There are {about}{stream.different} different packets and "
        f"{about}{flows.different} {word}."
    )
