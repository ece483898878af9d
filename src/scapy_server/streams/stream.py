"""A stream as the engine's RPC has it: a packet, a program and a pace.

Values only; `reading` makes them from JSON and refuses what the engine refuses.

Source: docs/profiles.md, "Streams".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from scapy_server.engine.bounds import PADDED_FRAME_BYTES
from scapy_server.engine.rules import check_program
from scapy_server.engine.vm import Vm
from scapy_server.errors import RefusedError
from scapy_server.streams.program_words import compile_text
from scapy_server.streams.refusals import StreamRefused, stream_place

RateUnit = Literal["pps", "bps_L1", "bps_L2", "percentage"]
RATE_UNITS: tuple[RateUnit, ...] = ("pps", "bps_L1", "bps_L2", "percentage")
Rule = Literal["stats", "latency", "tpg"]

#: Bits of a stream's `flags`.
KEEP_SOURCE_MAC = 1
NULL_STREAM = 8


@dataclass(frozen=True)
class Rate:
    """How fast a stream sends: packets a second, bits a second, or percent of the line."""

    unit: RateUnit
    value: float


@dataclass(frozen=True)
class Continuous:
    """Without end."""

    rate: Rate
    packets: Literal[0] = 0


@dataclass(frozen=True)
class SingleBurst:
    """So many packets."""

    rate: Rate
    packets: int


@dataclass(frozen=True)
class MultiBurst:
    """`count` bursts of so many packets, `ibg` microseconds apart; count 0 is without end."""

    rate: Rate
    packets: int
    ibg: float
    count: int


Mode = Continuous | SingleBurst | MultiBurst


@dataclass(frozen=True)
class FlowStats:
    """That a stream is counted under `pg_id`, or measured for latency."""

    pg_id: int
    rule: Rule
    vxlan: bool = False
    ieee_1588: bool = False


@dataclass(frozen=True)
class Stream:
    """One stream; times are in microseconds, `frame` is the packet as given, without FCS.

    `next_id` is the stream that follows, None for none; `core_id` the core that it is pinned
    to, None for any. `vm` is the program as JSON and `program` the same, parsed; where it is one
    that the engine reads but never compiles, `program` is empty and `unfit` says why. `document`
    is the JSON that the stream was read from, whole: what is unknown in it is kept.
    """

    stream_id: int
    frame: bytes
    mode: Mode
    program: Vm = field(default_factory=Vm)
    vm: Mapping[str, Any] = field(default_factory=dict, compare=False)
    enabled: bool = True
    self_start: bool = True
    start_paused: bool = False
    isg: float = 0.0
    flags: int = 0
    action_count: int = 0
    next_id: int | None = None
    core_id: int | None = None
    random_seed: int = 0
    flow_stats: FlowStats | None = None
    unfit: StreamRefused | None = field(default=None, compare=False)
    document: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def template(self) -> bytes:
        """The packet as the engine has it: padded with zeros."""
        return self.frame.ljust(PADDED_FRAME_BYTES, b"\0")

    @cached_property
    def fault(self) -> StreamRefused | None:
        """What keeps the engine from compiling its program for its packet, if anything does."""
        if self.unfit is not None:
            return self.unfit
        try:
            check_program(self.program, self.frame)
        except RefusedError as error:
            text = compile_text(self.program, self.template) or error.problem
            where = (self.place, *error.where)
            return StreamRefused(error.problem, f"*** error: {text}", where=where)
        return None

    @property
    def rate(self) -> Rate:
        """How fast it sends."""
        return self.mode.rate

    @property
    def is_null(self) -> bool:
        """Whether it takes its time and sends nothing."""
        return bool(self.flags & NULL_STREAM)

    @property
    def sends(self) -> bool:
        """Whether packets of it are sent."""
        return self.enabled and not self.is_null

    @property
    def is_sequenced(self) -> bool:
        """Whether it is measured: whole on one core, at its own rate whatever the multiplier."""
        return self.flow_stats is not None and self.flow_stats.rule in ("latency", "tpg")

    @property
    def marked(self) -> FlowStats | None:
        """How its packets are marked; null streams have no packets to be marked."""
        return None if self.is_null else self.flow_stats

    @property
    def keeps_macs(self) -> tuple[bool, bool]:
        """Whether the packet's own (destination, source) MAC address is sent."""
        source, mode = bool(self.flags & KEEP_SOURCE_MAC), self.flags >> 1 & 3
        return mode == 1, source and mode in (0, 1)

    @property
    def place(self) -> str:
        """How refusals and warnings name it."""
        return stream_place(self.stream_id, self.document.get("name"))

    @property
    def name(self) -> str:
        """Its name, or its number."""
        given = self.document.get("name")
        return str(self.stream_id) if given is None else str(given)
