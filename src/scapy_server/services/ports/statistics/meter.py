"""A rate, smoothed: half of it is what was measured last, half what it was before.

Source: docs/ports.md, "Rates over time".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Seconds between two measurements.
INTERVAL = 1.0


@dataclass
class Meter:
    """The rate of a counter that only grows; units a second."""

    rate: float = 0.0
    _counted: float = 0.0
    _at: float | None = None

    def update(self, counter: float, now: float) -> float:
        """Look at the counter; the first look only says where it starts."""
        if self._at is None:
            self._counted, self._at = counter, now
        elif now - self._at >= INTERVAL:
            measured = (counter - self._counted) / (now - self._at)
            self.rate = 0.5 * measured + 0.5 * self.rate
            self._counted, self._at = counter, now
        return self.rate


_FLOW_INTERVAL = 0.1


class FlowMeters:
    """The same for many flows at once; a flow's first rate is what was measured first."""

    def __init__(self, shape: tuple[int, ...], counted: NDArray[np.int64] | None = None) -> None:
        self._counted = np.zeros(shape, np.int64) if counted is None else counted
        self._rates = np.zeros(shape)
        self._at: float | None = None

    def update(self, counters: NDArray[np.int64], now: float) -> NDArray[np.float64]:
        """Look at all counters; a second since the last look or less is normal."""
        if self._at is None or now - self._at < _FLOW_INTERVAL:
            self._at = now if self._at is None else self._at
            return self._rates
        measured = (counters - self._counted) / (now - self._at)
        self._rates = np.where(self._rates > 0, 0.5 * (measured + self._rates), measured)
        np.copyto(self._counted, counters)
        self._at = now
        return self._rates

    def stop(self, place: int, counters: NDArray[np.int64]) -> None:
        """A flow has ended, or begins anew; from here on it counts from `counters`."""
        self._rates[:, place] = 0
        self._counted[:, place] = counters
