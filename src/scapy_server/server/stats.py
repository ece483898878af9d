"""What happened so far, counted: for `server_status`, the metrics and nobody's decisions."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from scapy_server.schema.status import MethodStatus, Restart

#: Upper bounds of the latency histogram's buckets, in seconds.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WINDOW_SECONDS = 300.0
_SAMPLES = 1024  # of a method; all of them are sorted to answer one request
_PERCENTILES = (50, 90, 99)

#: Stands in for the method of a message that names none that exists.
NO_METHOD = "(none)"


@dataclass
class Latencies:
    """The latencies of one method: a histogram of all, and the last ones with their times."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0
    recent: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_SAMPLES))

    def add(self, now: float, seconds: float) -> None:
        self.buckets[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds
        self.recent.append((now, seconds))

    def percentiles(self, now: float) -> dict[str, float] | None:
        """Percentiles of the last minutes in milliseconds, None if there is none."""
        return percentiles([s for at, s in list(self.recent) if at >= now - WINDOW_SECONDS])


def percentiles(seconds: Sequence[float]) -> dict[str, float] | None:
    """The usual percentiles (nearest rank) and the maximum, in milliseconds."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    result = {
        f"p{percent}": _milliseconds(ordered[max(0, -(-percent * len(ordered) // 100) - 1)])
        for percent in _PERCENTILES
    }
    result["max"] = _milliseconds(ordered[-1])
    return result


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 3)


class Stats:
    """Counters since the start. `replies` is by method and error code, 0 for success.

    `dropped_lines` tells how many lines the log could not take.
    """

    def __init__(self, dropped_lines: Callable[[], int] = lambda: 0) -> None:
        self.dropped_lines = dropped_lines
        self.started = time.time()
        self.replies: Counter[tuple[str, int]] = Counter()
        self.latencies: defaultdict[str, Latencies] = defaultdict(Latencies)
        self.retries = 0
        self.moved = 0
        self.without_hop = 0
        self.restarts: Counter[str] = Counter()
        self.last_restarts: deque[Restart] = deque(maxlen=50)
        self.dropped: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def answered(self, method: str | None, error: int | None, now: float, seconds: float) -> None:
        """Count a reply; `method` is None if it named no method that exists."""
        name = method or NO_METHOD
        self.replies[name, error or 0] += 1
        self.latencies[name].add(now, seconds)

    def restarted(self, pid: int, kind: str, reason: str) -> None:
        """Count a worker that is replaced; `kind` is one of few, `reason` says more."""
        self.restarts[kind] += 1
        self.last_restarts.append(Restart(time.time(), pid, reason))

    def by_method(self, now: float) -> dict[str, MethodStatus]:
        """Per method: requests, errors by code, and latencies of the last minutes."""
        replies = list(self.replies.items())
        names = sorted({name for (name, _), _ in replies})
        return {name: self._of(name, replies, now) for name in names}

    def _of(
        self, name: str, replies: Iterable[tuple[tuple[str, int], int]], now: float
    ) -> MethodStatus:
        codes = {code: count for (method, code), count in replies if method == name}
        errors = {str(code): count for code, count in sorted(codes.items()) if code}
        return MethodStatus(sum(codes.values()), errors, self.latencies[name].percentiles(now))
