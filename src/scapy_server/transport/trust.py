"""Who may have the place that is kept for short requests, and how long a try there takes.

A connection is trusted once a request of it was short, until one is not. Of the others of its
owner one is tried after the other, as long as all are short; after each that is not, the next
try is later and takes less of a worker's time. So whoever is polite shows it soon, and many who
are not cost the place little.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SHORT_SECONDS = 0.05  # of a processor, that a request is short in
TRIED_SECONDS = 0.01  # the same for a try, after others of its owner were not short
FIRST_BAR, LONGEST_BAR = 0.05, 2.0  # seconds between such tries


@dataclass
class Bar:
    """Keeps somebody out after what was not short: `first` seconds, then ever longer ones.

    When nothing has happened for a minute after it was lifted, it begins anew.
    """

    first: float
    longest: float
    until: float = 0.0
    length: float = 0.0

    def holds(self, now: float) -> bool:
        """Whether it keeps out now."""
        return now < self.until

    def remembers(self, now: float) -> bool:
        """Whether there was a reason for it lately."""
        return self.length > 0 and now <= self.until + 60.0

    def lower(self, now: float) -> None:
        """Something was not short."""
        doubled = 2 * self.length if self.remembers(now) else self.first
        self.length = min(self.longest, doubled)
        self.until = now + self.length


def for_newcomers() -> Bar:
    """What keeps out those connections of an owner that are not trusted."""
    return Bar(FIRST_BAR, LONGEST_BAR)


@dataclass
class Trust:
    """Of a connection; it is `proven` when its last requests were short."""

    proven: bool = False
    bar: Bar = field(default_factory=lambda: Bar(1.0, 60.0))

    def may_try(self, newcomers: Bar, now: float) -> bool:
        """Whether it may have the place, among others of its owner that are barred or not."""
        return not self.bar.holds(now) and (self.proven or not newcomers.holds(now))

    def short_seconds(self, newcomers: Bar, now: float) -> float:
        """How long it may have the place."""
        tried = newcomers.remembers(now) and not self.proven
        return TRIED_SECONDS if tried else SHORT_SECONDS

    def overran(self, newcomers: Bar, now: float) -> None:
        """A request was given the place, and was not short."""
        self.proven = False
        self.bar.lower(now)
        newcomers.lower(now)
