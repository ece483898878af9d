"""What happens in a binary heap to all but its first element while that one comes and goes.

Source: docs/profiles.md, "Order and time".
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

#: In heaps of up to this size it pays to look for arrangements that come again.
WATCHED_HEAP = 64


def settle(heap: list[Any], rounds: int, first: Any) -> None:
    """Do to the heap what pushing and popping a first element so many times does.

    `first` is earlier than all there is. The arrangement after a round depends on the one
    before alone, so that once one comes again, whole turns can be left out.
    """
    if len(heap) <= 1:
        return
    watched = rounds > 2 and len(heap) <= WATCHED_HEAP
    seen: dict[tuple[int, ...], int] | None = {} if watched else None
    done = 0
    while done < rounds:
        if seen is not None:
            arrangement = tuple(map(id, heap))
            if arrangement in seen:
                rounds = done + (rounds - done) % (done - seen[arrangement])
                seen = None
                continue
            seen[arrangement] = done
        heappush(heap, first)
        heappop(heap)
        done += 1
