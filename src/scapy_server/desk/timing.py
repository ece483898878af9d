"""When the streams of a profile send, and how fast, as the traffic engine would.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server import limits
from scapy_server.desk.errors import DeskError
from scapy_server.errors import ScapyServerError
from scapy_server.streams.documents.entries import ProfileDocument
from scapy_server.streams.multiplier import Multiplier
from scapy_server.streams.simulation import Start, loaded
from scapy_server.streams.timeline import Timeline, timeline
from scapy_server.streams.traffic import DEFAULT_LINE, Setting, Traffic


@dataclass(frozen=True)
class Wanted:
    """How a profile is started: "1", "10%", "5kpps"; seconds, 0 for as long as it lasts."""

    multiplier: str = "1"
    seconds: float = 0.0
    line: float = DEFAULT_LINE


@dataclass(frozen=True)
class Timing:
    """A timeline, and the most that the engine takes the profile to send at a time: packets and
    bits a second, and the part of the line that they take. Short bursts are nothing to it."""

    timeline: Timeline
    peak_packets: float
    peak_bits: float
    peak_line: float
    line: float

    @property
    def seconds(self) -> float:
        """How long the timeline is."""
        return self.timeline.step * len(self.timeline.packets)


def timing(profile: ProfileDocument, wanted: Wanted) -> Timing:
    """The timing of a profile; DeskError names the stream that cannot be sent so."""
    try:
        traffic = _started(profile, wanted)
        started = traffic.started[0]
        peak = started.graph.at(started.factor)
        drawn = timeline(traffic, limits.EDITOR_TIMELINE_PACKETS)
    except ScapyServerError as error:
        raise DeskError(error.detail) from None
    return Timing(drawn, peak.pps, peak.l1, peak.l1 / wanted.line, wanted.line)


def _started(profile: ProfileDocument, wanted: Wanted) -> Traffic:
    multiplier = Multiplier.of_text(wanted.multiplier)
    multiplier.check_start()
    streams = [(each.port, each.profile, each.stream_id, each.raw) for each in profile.entries]
    start = Start(multiplier, wanted.seconds, force=True)
    return loaded(streams, start, Setting(1, wanted.line))
