"""A stream from the JSON of the engine's RPC, with every refusal of `add_stream`.

Source: docs/profiles.md, "Streams", "What is refused".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scapy_server import limits
from scapy_server.engine.bounds import MINIMUM_FRAME_BYTES
from scapy_server.engine.rules import check_variables
from scapy_server.engine.vm import Vm, parse_vm
from scapy_server.errors import RefusedError
from scapy_server.streams.members import Members
from scapy_server.streams.program_words import check_read, unfit_text, whole_numbers
from scapy_server.streams.refusals import Path, StreamRefused, stream_place
from scapy_server.streams.stream import (
    RATE_UNITS,
    Continuous,
    FlowStats,
    Mode,
    MultiBurst,
    Rate,
    SingleBurst,
    Stream,
)


@dataclass(frozen=True)
class Capabilities:
    """What the port can do that a stream may ask for; `cores` serve its pair of ports."""

    cores: int = 1
    stats: bool = True
    latency: bool = True
    tpg: bool = False
    ieee_1588: bool = False


def read_stream(
    stream_id: int, raw: object, capabilities: Capabilities | None = None, path: Path = ("stream",)
) -> Stream:
    """The stream of a `stream` object; raises StreamRefused, by stream and member."""
    able = capabilities or Capabilities()
    name = raw.get("name") if isinstance(raw, dict) else None
    where = (stream_place(stream_id, name),)
    if raw is None:
        raise StreamRefused("it is missing", f"field '{path[-1]}' value is null", where=where)
    members = Members(raw, path, where)
    mode = _mode(members.inner("mode"))
    plain = _plain(members)
    core_id = _core(members, able)
    frame = _frame(members)
    vm = members.inner("vm")
    document = whole_numbers(vm.raw)
    program, unfit = _program(vm, document, able.cores)
    stream = Stream(
        stream_id=stream_id,
        frame=frame,
        mode=mode,
        program=program,
        unfit=unfit,
        vm=document,
        core_id=core_id,
        flow_stats=_flow_stats(members.inner("flow_stats")),
        document=members.raw,
        **plain,
    )
    _check_pin(members, stream)
    _check_stats(members, stream, able)
    return stream


def _plain(members: Members) -> dict[str, Any]:
    """The members that are what they are, as those of a `Stream`."""
    next_id = members.whole("next_stream_id")
    return {
        "enabled": members.flag("enabled"),
        "self_start": members.flag("self_start"),
        "start_paused": members.flag("start_paused", False),
        "isg": members.number("isg"),
        "flags": members.whole("flags"),
        "action_count": members.whole("action_count", "uint32"),
        "next_id": next_id if next_id >= 0 else None,
        "random_seed": members.whole("random_seed", "uint32", 0),
    }


def _mode(members: Members) -> Mode:
    kind = members.raw.get("type")
    if kind not in ("continuous", "single_burst", "multi_burst"):
        given = members.text("type")
        raise members.refused(
            f'"type" must be continuous, single_burst or multi_burst, not {given}',
            f"bad stream type provided: '{given}'",
            "type",
        )
    rate = _rate(members.inner("rate"))
    if kind == "continuous":
        return Continuous(rate)
    member = "total_pkts" if kind == "single_burst" else "pkts_per_burst"
    packets = members.whole(member, "uint32")
    if not packets:
        raise members.refused(
            f'"{member}" must be at least 1', f"{kind}: '{member}' cannot be zero.", member
        )
    if kind == "single_burst":
        return SingleBurst(rate, packets)
    return MultiBurst(rate, packets, members.number("ibg"), members.whole("count", "uint32"))


def _rate(members: Members) -> Rate:
    unit = members.choice("type", RATE_UNITS)
    value = members.number("value")
    if value == 0:
        raise members.refused(
            'the rate\'s "value" must be above 0', "Rate value should be positive.", "value"
        )
    return Rate(next(known for known in RATE_UNITS if known == unit), value)


def _frame(members: Members) -> bytes:
    packet = members.inner("packet")
    text = packet.text("binary")
    try:
        frame = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise packet.refused(
            '"binary" must be the packet in base64',
            "Bad packet size provided: 0. Should be between 14 and 9238",
            "binary",
        ) from None
    _check_length(members, frame)
    return frame


def _program(
    vm: Members, document: Mapping[str, Any], cores: int
) -> tuple[Vm, StreamRefused | None]:
    """The program, or an empty one and why the engine will not compile what it reads."""
    try:
        program = parse_vm(document)
        check_variables(program, cores)
    except RefusedError as error:
        text, path = f"VM: {error.problem}", vm.path
        where = (*vm.where, *error.where)
        try:
            check_read(vm, cores)
        except StreamRefused as refused:
            text, path = refused.engine_text, refused.path
        else:
            unfit = unfit_text(vm)
            if unfit is not None:
                return Vm(), StreamRefused(error.problem, unfit, where=where)
        raise StreamRefused(error.problem, text, where=where, path=path) from None
    return program, None


def _flow_stats(members: Members) -> FlowStats | None:
    if not members.flag("enabled"):
        return None
    rule = members.text("rule_type")
    pg_id = members.whole("stream_id", "uint32")
    if rule not in ("stats", "latency", "tpg"):
        raise members.refused(
            f'"rule_type" must be stats, latency or tpg, not {rule}',
            "Wrong rule_type",
            "rule_type",
        )
    known: Any = rule
    return FlowStats(pg_id, known, members.flag("vxlan", False), members.flag("ieee_1588", False))


def _core(members: Members, able: Capabilities) -> int | None:
    """The core that the stream is pinned to, None for any."""
    core = members.whole("core_id", default=-1)
    if core >= able.cores:
        text = (
            "There is only one core, hence core ID must be 0."
            if able.cores == 1
            else f"Core ID is: {core}. It must be an integer between 0 and "
            f"{able.cores - 1} (inclusive)."
        )
        problem = f'"core_id" must be from 0 to {able.cores - 1}, not {core}'
        raise members.refused(problem, text, "core_id")
    return core if core >= 0 else None


def _check_pin(members: Members, stream: Stream) -> None:
    if stream.core_id is not None and stream.is_sequenced:
        raise members.refused(
            '"core_id" must be left out: a latency stream is sent by the first core',
            "Core ID pinning is not supported for sequenced streams.",
            "core_id",
        )


def _check_length(members: Members, frame: bytes) -> None:
    longest = int(limits.FIELD_ENGINE_FRAME_BYTES)
    if not MINIMUM_FRAME_BYTES <= len(frame) <= longest:
        raise members.refused(
            f"the packet has {len(frame)} bytes; the engine sends packets of "
            f"{MINIMUM_FRAME_BYTES} to {longest}",
            f"Bad packet size provided: {len(frame)}. Should be between "
            f"{MINIMUM_FRAME_BYTES} and {longest}",
            "packet",
            "binary",
        )


def _check_stats(members: Members, stream: Stream, able: Capabilities) -> None:
    stats = stream.marked
    if stats is None:
        return
    problem = text = None
    if stats.rule == "tpg" and not able.tpg:
        problem = "the port has no tagged packet groups"
        text = "Trying to add a TPG stream but TPG isn't enabled in this port."
    elif not (able.stats or able.latency):
        problem = "the port counts no streams"
        text = "RX stats is not supported on this interface"
    elif not {"stats": able.stats, "latency": able.latency, "tpg": able.tpg}[stats.rule]:
        problem = f"the port does not support the rule {stats.rule}"
        text = "Interface does not support given rule type"
    elif stats.ieee_1588 and not able.ieee_1588:
        problem = "the port does not support IEEE 1588"
        text = "Driver doesn't support IEEE-1588."
    if problem and text:
        raise members.refused(problem, text, "flow_stats")
