"""What stands in a core's queue: streams, the stops of profiles, and housekeeping.

An entry of the heap is (time, tie, event), and each event's `tie` is a NaN of its own: of two
entries of one time, neither is less than the other, as in the engine, which compares times
alone.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

from scapy_server.streams.division import Share

#: Each so often the engine looks after itself: an event that no one sees, but that has its
#: place in the heap.
HOUSEKEEPING = 0.001
#: A paused stream looks so often whether it may go on.
PAUSED_GAP = 0.1
#: More packets than a stream sends in a millennium.
ENDLESS = 1 << 59


class Event:
    """What is not a stream's: housekeeping, or the stop of a profile.

    `steady` is how often it comes again with nothing else to do, `gap` seconds later each
    time. `left` 0 leads off the way that packets take.
    """

    __slots__ = ("gap", "group", "left", "steady", "tie")

    def __init__(self, group: Group | None) -> None:
        self.group = group
        self.left = 0
        self.gap = HOUSEKEEPING
        self.steady = 0 if group else ENDLESS
        self.tie = float("nan")


class Group:
    """A started profile on this core; `live` counts its chains that have not ended."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.live = 0
        self.running = False
        self.ended: float | None = None
        self.nodes: list[Node] = []


class Node:
    """A stream on this core.

    `left` counts the packets of the burst down, `bursts` the bursts; both are 0 in a stream
    whose profile has ended, which is dropped when its time comes.
    """

    __slots__ = (
        "actions",
        "active",
        "bursts",
        "following",
        "gap",
        "group",
        "left",
        "number",
        "own_gap",
        "paused",
        "share",
        "tie",
        "visible",
    )

    def __init__(self, number: int, share: Share, group: Group) -> None:
        self.number, self.share, self.group = number, share, group
        self.tie = float("nan")
        self.own_gap = share.gap
        self.actions = share.stream.action_count
        self.following: Node | None = None
        self.active = False
        self.left = self.bursts = 0
        self.pause(share.stream.start_paused)

    @property
    def steady(self) -> int:
        """How many events only lead to the next one, a gap later: all but a burst's last."""
        return max(self.left - 1, 0)

    def pause(self, paused: bool) -> None:
        """Send nothing from now on, or send again; the pending event keeps its time."""
        self.paused = paused
        self.gap = PAUSED_GAP if paused else self.own_gap
        self.visible = self.share.sends and not paused

    def set_gap(self, gap: float) -> None:
        """Have the packets after the pending one so far apart."""
        self.own_gap = gap
        self.pause(self.paused)

    def enter(self) -> None:
        """Begin, or begin again."""
        self.active = True
        self.left = self.share.packets or ENDLESS
        self.bursts = self.share.bursts or ENDLESS

    def next_after(self) -> Node | None:
        """The stream that the end of this one starts, if it does."""
        following = self.following
        if following is None or following.active:
            return None
        if self.share.stream.action_count:
            # The counter is never refilled, and once past 0 it counts no more.
            self.actions -= 1
            if self.actions == 0:
                return None
        return following


#: (time, tie, `Node` or `Event`)
Entry: TypeAlias = tuple[float, float, Any]
#: Earlier than everything.
FIRST: Entry = (-math.inf, math.nan, Event(None))
