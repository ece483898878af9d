"""What differs between two states of a sequence, as one range and what stands there instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bytes, "tuple[int, ...]")


@dataclass(frozen=True, slots=True)
class Splice(Generic[S]):
    """`items` in place of what stands from `start` up to `stop`."""

    start: int
    stop: int
    items: S

    def applied(self, to: S) -> S:
        """The sequence with `items` in place of the range."""
        return to[: self.start] + self.items + to[self.stop :]


def splice(before: S, after: S) -> Splice[S]:
    """What makes `after` of `before`: the shortest range behind which and before which both
    are the same."""
    start = _common(before, after)
    most = min(len(before), len(after)) - start
    rest = _common(before[::-1][:most], after[::-1][:most])
    return Splice(start, len(before) - rest, after[start : len(after) - rest])


def _common(left: S, right: S) -> int:
    """How far both begin with the same items, found by halves."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
