"""How long packets took: extremes, average, jitter and a histogram.

Samples of half a second are a period; the average and the maximum are those of periods that
are over. Times are in seconds, what is told is in microseconds.

Source: docs/ports.md, "Latency"; RFC 3550, section 6.4.1 (jitter).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

_LOWEST = 10  # microseconds, below which all samples are one bucket
_LOST = 1_000_000
_PACKETS_BEFORE_MAXIMUM, _PERIODS_BEFORE_MAXIMUM = 11, 5


@dataclass
class _Period:
    count: int = 0
    total: float = 0.0
    maximum: float = 0.0


class Latency:
    """The samples of one flow."""

    def __init__(self) -> None:
        self._period = _Period()
        self._periods = 0
        self._completed = 0
        self._previous = 0.0
        self._jitter = 0.0
        self._average = 0.0
        self._minimum: float | None = None
        self._maximum = 0.0
        self._last_maximum = 0.0
        self._buckets: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Count a packet that took so long."""
        self._jitter += (abs(seconds - self._previous) - self._jitter) / 16
        self._previous = seconds
        period = self._period
        period.count += 1
        period.total += seconds
        period.maximum = max(period.maximum, seconds)
        self._minimum = seconds if self._minimum is None else min(self._minimum, seconds)
        microseconds = round(seconds * 1e9) // 1000
        if microseconds < _LOST:
            self._buckets[bucket_of(microseconds)] += 1

    def tick(self) -> None:
        """Half a second is over."""
        period = self._period
        if not period.count:
            return
        mean = period.total / period.count
        self._average = 0.5 * self._average + 0.5 * mean if self._periods else mean
        self._last_maximum = period.maximum
        if self._completed >= _PACKETS_BEFORE_MAXIMUM or self._periods >= _PERIODS_BEFORE_MAXIMUM:
            self._maximum = max(self._maximum, period.maximum)
        self._completed += period.count
        self._periods += 1
        self._period = _Period()

    def told(self) -> dict[str, Any]:
        """What clients read."""
        return {
            "jit": _microseconds(self._jitter),
            "average": float(_microseconds(self._average)),
            "total_max": _microseconds(self._maximum),
            "total_min": _microseconds(self._minimum or 0.0),
            "last_max": _microseconds(self._last_maximum),
            "histogram": {str(key): self._buckets[key] for key in sorted(self._buckets)},
        }


def bucket_of(microseconds: int) -> int:
    """The bucket of a time: 0, or its leading digit and zeros."""
    if microseconds < _LOWEST:
        return 0
    power = 10 ** (len(str(microseconds)) - 1)
    return microseconds // int(power) * int(power)


def _microseconds(seconds: float) -> int:
    return int(round(seconds * 1e9) // 1000)
