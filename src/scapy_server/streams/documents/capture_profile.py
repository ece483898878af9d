"""The streams that play a capture, as the client's push_pcap makes them.

Each packet is a burst of one at 100 percent of the line, and starts the next one; the gaps
are those of the capture, divided by a speed-up, or one gap for all. The last packet leads
back to the first, for so many rounds.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from scapy_server import limits
from scapy_server.errors import RefusedError
from scapy_server.streams.documents.entries import Entry, ProfileDocument


@dataclass(frozen=True)
class Playing:
    """How a capture is played; times are in microseconds.

    `gap` None takes the capture's own gaps; no gap is shorter than `shortest`. `loops` 0 is
    without end. `keep_source` and `keep_destination` send the capture's MAC addresses.
    """

    gap: float | None = None
    speedup: float = 1.0
    shortest: float = 0.0
    loops: int = 1
    keep_source: bool = False
    keep_destination: bool = False

    def check(self) -> None:
        """Raise RefusedError for what cannot be played."""
        if not self.speedup > 0:
            raise RefusedError(f"the speed-up must be above 0, not {self.speedup:g}")
        if self.shortest < 0 or (self.gap is not None and self.gap < 0):
            raise RefusedError("a gap between packets must be at least 0")
        if not 0 <= self.loops <= 0xFFFFFFFF:
            raise RefusedError(f"a capture can be played 0 to 2**32 - 1 times, not {self.loops}")


def capture_document(
    packets: Sequence[tuple[bytes, float]], playing: Playing | None = None
) -> ProfileDocument:
    """The streams of some packets, given with their times in microseconds.

    Raises RefusedError for an empty capture or one that is too long.
    """
    played = playing or Playing()
    played.check()
    if not packets:
        raise RefusedError("the capture holds no packet")
    limits.PORT_STREAMS.check(len(packets))
    entries = []
    last = len(packets)
    for number, gap in enumerate(_gaps([time for _, time in packets], played), 1):
        frame = packets[number - 1][0]
        following = 1 if number == last else number + 1
        raw = {
            "name": number,
            "next": following,
            "next_stream_id": following,
            "enabled": True,
            "self_start": number == 1,
            "start_paused": False,
            "isg": gap,
            "flags": int(played.keep_source) | int(played.keep_destination) << 1,
            "action_count": played.loops if number == last else 0,
            "core_id": -1,
            "mode": {
                "type": "single_burst",
                "total_pkts": 1,
                "rate": {"type": "percentage", "value": 100},
            },
            "packet": {"binary": base64.b64encode(frame).decode("ascii"), "meta": ""},
            "vm": {"instructions": []},
            "flow_stats": {"enabled": False},
        }
        entries.append(Entry(number, raw))
    return ProfileDocument(tuple(entries))


def _gaps(times: Sequence[float], playing: Playing) -> list[float]:
    """The time before each packet, as differences of running sums, as the client has them."""
    gaps, total, previous = [], 0.0, None
    for time in times:
        if playing.gap is not None:
            step = playing.shortest or playing.gap / playing.speedup
        else:
            step = 0.0 if previous is None else (time - previous) / playing.speedup
            step = max(step, playing.shortest)
        previous = time
        following = total + step
        gaps.append(following - total)
        total = following
    return [max(gap, 0.0) for gap in gaps]
