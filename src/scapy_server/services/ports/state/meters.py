"""Which streams are counted one by one, and from where on.

Data planes count under places, which are few; a place that a stream no longer needs is another
one's later, which has not sent what was counted before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Of a stream there is no room for.
NONE = -1


class Name(NamedTuple):
    """A stream of a port."""

    profile: str
    stream: int


class _Meter(NamedTuple):
    place: int
    before: NDArray[np.int64]


class Meters:
    """The places of the streams of a port; `counted` are the counters, by place."""

    def __init__(self) -> None:
        self._meters: dict[Name, _Meter] = {}

    def places(
        self, names: Sequence[Name], living: Collection[Name], counted: NDArray[np.int64]
    ) -> list[int]:
        """The places of streams that are started, NONE where others have all.

        `living` are all streams that there are.
        """
        self._meters = {name: self._meters[name] for name in self._meters if name in living}
        taken = {meter.place for meter in self._meters.values()}
        free = (place for place in range(len(counted)) if place not in taken)
        for name in names:
            if name not in self._meters and (place := next(free, NONE)) != NONE:
                self._meters[name] = _Meter(place, counted[place].copy())
        return [self._meters[name].place if name in self._meters else NONE for name in names]

    def counted(self, counted: NDArray[np.int64]) -> Iterator[tuple[Name, NDArray[np.int64]]]:
        """What each stream has sent."""
        for name, meter in list(self._meters.items()):
            yield name, counted[meter.place] - meter.before
