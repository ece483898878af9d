"""When each packet of each stream is due, in ideal time, in blocks.

Nouns: a **group** is one started profile; a **flow** is one stream of a group on one core (a
`Share` that was started, with a number); an **event** is a packet that is due: time, flow,
and its number in that flow; a **block** is many events in order, as arrays. A `Schedule` has
a `CoreSchedule` for each data-plane core and merges what they send by time. It knows no
clock: whoever drives it asks for events until a time (`take`), and between two blocks may
start, stop, pause, resume or scale groups, as of the time up to which it has asked.

Order and times are the engine's to the last bit: ties come out of its binary heap, which
also holds an invisible event each millisecond, and times are running sums of doubles.
Nothing here fails but for wrong use; what the engine refuses was refused before.

Source: docs/profiles.md, "Order and time".
"""

from scapy_server.streams.schedule.blocks import Block, Flow, joined
from scapy_server.streams.schedule.cores import CoreSchedule
from scapy_server.streams.schedule.schedule import Schedule

__all__ = ["Block", "CoreSchedule", "Flow", "Schedule", "joined"]
