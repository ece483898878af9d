"""Answering with packets: by a plan where there is one, else the long way.

Both give the same JSON, byte for byte. What comes again gets a plan, which takes as long
to make as a few packets do. A plan only saves time, so no failure to make one costs an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from scapy_server.captures.link_types import ETHERNET
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.models.model import parse_model
from scapy_server.packet.plans.book import Learned, PlanBook
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.rewrite_planner import RewritePlanner
from scapy_server.schema.results import PacketResult, Summary


class Dissected(NamedTuple):
    """What is shown of a captured frame, as JSON, and why some of it could not be dissected."""

    json: bytes
    problem: str | None


class PacketBuilder:
    """From packet models as they came in to the JSON of a `PacketResult`.

    Every method raises what `parse_model` and the codec raise. `plans` is what has been
    learnt so far; it changes how fast answers are, never what they are.
    """

    def __init__(self, codec: PacketCodec) -> None:
        self.plans = PlanBook()
        self._codec = codec
        self._planner = Planner(codec)
        self._rewrite_planner = RewritePlanner(codec)
        self._learned: Learned | None = None
        self._encode = msgspec.json.Encoder().encode

    def build(self, raw_model: Any, link_type: int | None = None) -> bytes:
        """The packet that a model describes, read as a frame of a link type if one is given."""
        if link_type is not None:
            return self.build_long(raw_model, link_type)
        planned = self.plans.built(raw_model)
        if planned is not None:
            return planned
        built = self.build_long(raw_model)
        if self.plans.wants_build(raw_model):
            self._learn(lambda: self._planner.plan(raw_model))
        return built

    def build_long(self, raw_model: Any, link_type: int | None = None) -> bytes:
        """As `build`, without plans."""
        model = parse_model(raw_model, self._codec.registry)
        return self._encode(self._codec.build(model, link_type))

    def reconstruct(self, frame: bytes, raw_changes: Any, link_type: int = ETHERNET) -> bytes:
        """A frame with changes."""
        if link_type != ETHERNET:
            return self.reconstruct_long(frame, raw_changes, link_type)
        planned = self.plans.rewritten(frame, raw_changes)
        if planned is not None:
            return planned
        rebuilt = self.reconstruct_long(frame, raw_changes)
        if self.plans.wants_rewrite(frame, raw_changes):
            self._learn(lambda: self._rewrite_planner.plan(frame, raw_changes))
        return rebuilt

    def reconstruct_long(self, frame: bytes, raw_changes: Any, link_type: int = ETHERNET) -> bytes:
        """As `reconstruct`, without plans."""
        changes = parse_model(raw_changes, self._codec.registry, changing=True)
        return self._encode(self._codec.reconstruct(frame, changes, link_type))

    def dissect(self, frame: bytes, link_type: int) -> Dissected:
        """A captured frame: the JSON of a `PacketResult`, as `reconstruct` without changes."""
        planned = self.plans.rewritten(frame, []) if link_type == ETHERNET else None
        if planned is not None:
            return Dissected(planned, None)
        answer = self._parted(self._codec.dissect(frame, link_type))
        self._plan_reading(frame, link_type, answer)
        return answer

    def summarise(self, frame: bytes, link_type: int) -> Dissected:
        """A captured frame in one line: the JSON of a `Summary`."""
        planned = self.plans.summarised(frame) if link_type == ETHERNET else None
        if planned is not None:
            return Dissected(planned, None)
        answer = self._parted(self._codec.summarise(frame, link_type))
        self._plan_reading(frame, link_type, answer)
        return answer

    def _plan_reading(self, frame: bytes, link_type: int, answer: Dissected) -> None:
        sound = answer.problem is None and link_type == ETHERNET
        if sound and self.plans.wants_rewrite(frame, []):
            self._learn(lambda: self._rewrite_planner.plan(frame, []))

    def _parted(self, result: PacketResult | Summary) -> Dissected:
        problem = result.problem
        if problem is UNSET:
            return Dissected(self._encode(result), None)
        return Dissected(self._encode(replace(result, problem=UNSET)), problem)

    def newly_learned(self) -> Learned | None:
        """The plan that was made since this was asked last, for whoever answers besides."""
        learned, self._learned = self._learned, None
        return learned

    def _learn(self, plan: Callable[[], Learned | None]) -> None:
        try:
            learned = plan()
        except MemoryError:
            raise
        except Exception:  # a class of Scapy's that cannot even be watched
            return
        if learned is not None:
            self.plans.learn(learned)
            self._learned = learned
