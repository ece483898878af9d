"""Building packets for clients: by a plan where there is one, else the long way.

Both give the same JSON, byte for byte. A shape that comes again gets a plan, which
takes as long as a few packets do.
"""

from __future__ import annotations

from typing import Any

import msgspec

from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.model import parse_model
from scapy_server.packet.plan_book import PlanBook
from scapy_server.packet.planner import Planner


class PacketBuilder:
    """From a packet model as it came in to the JSON of its result.

    `plans` is what has been learnt so far; it changes how fast answers are, never what
    they are.
    """

    def __init__(self, codec: PacketCodec) -> None:
        self.plans = PlanBook()
        self._codec = codec
        self._planner = Planner(codec)
        self._encode = msgspec.json.Encoder().encode

    def build(self, raw_model: Any) -> bytes:
        """The JSON of a `PacketResult`; raises what `parse_model` and the codec raise."""
        planned = self.plans.result(raw_model)
        if planned is not None:
            return planned
        built = self.build_long(raw_model)
        if self.plans.wants(raw_model):
            found = self._planner.plan(raw_model)
            if found is not None:
                self.plans.add(raw_model, *found)
        return built

    def build_long(self, raw_model: Any) -> bytes:
        """As `build`, without plans."""
        return self._encode(self._codec.build(parse_model(raw_model, self._codec.registry)))
