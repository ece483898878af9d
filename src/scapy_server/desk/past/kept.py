"""Packets of the past, as small as they can be brought back from.

A field tree takes a hundred times the room of the bytes that it was read from, so it is not
remembered but asked for again; bytes are remembered as what differs from those at the other
side of the step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from scapy_server.captures.records import PacketRecord
from scapy_server.desk.packet import Packet, ProfileStream
from scapy_server.desk.past.splices import Splice, splice


@dataclass(frozen=True, slots=True)
class Kept:
    """A packet without its field tree. `model` is JSON; `frame` is a splice of the bytes that
    stand in its place when it is brought back, or all of them where there were none."""

    frame: bytes | Splice[bytes]
    model: bytes | None
    record: PacketRecord | None
    stream: ProfileStream | None
    problem: str | None

    def packet(self, other: bytes) -> Packet:
        """The packet, brought back where these bytes stand, for somebody to look at."""
        frame = self.frame.applied(other) if isinstance(self.frame, Splice) else self.frame
        model = None if self.model is None else tuple(msgspec.json.decode(self.model))
        return Packet(frame, (), model, self.record, self.problem, self.stream)


def kept(packet: Packet, other: Packet | None) -> Kept:
    """What is kept of a packet that stands where `other` stands at the step's other side."""
    frame = packet.frame if other is None else splice(other.frame, packet.frame)
    model = None if packet.model is None else msgspec.json.encode(packet.model)
    return Kept(frame, model, packet.record, packet.stream, packet.problem)


def bare(packet: Packet) -> Packet:
    """The packet without its field tree."""
    return replace(packet, layers=(), last_read=None) if packet.layers else packet
