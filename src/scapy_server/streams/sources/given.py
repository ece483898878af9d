"""What a source says of a stream, and which of it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Selection:
    """Which stream of a source is wanted, with which program, and what sends it."""

    program: Path | None = None
    stream: str | None = None
    seed: int | None = None
    cores: int = 1
    hardware: Literal["complete", "raw"] | None = None


@dataclass(frozen=True)
class Expression:
    """A packet that is written as a Scapy expression."""

    text: str


@dataclass(frozen=True)
class GivenStream:
    """A packet and a program as they are given, and what else the source says.

    `source` and `program` are what `render_packets` takes; `source` may be an
    `Expression`. `gap` (seconds), `count` and `burst` (the packets of one burst) are None where
    the source does not say them.
    """

    source: Any
    program: Mapping[str, Any] | None = None
    random_seed: int | None = None
    gap: Callable[[int], Fraction | None] = lambda length: None
    count: int | None = None
    notes: tuple[str, ...] = ()
    burst: int | None = None

    def notes_for(self, cores: int) -> list[str]:
        """What to know of the rendering, also of how cores share bursts."""
        notes = list(self.notes)
        if self.burst is None or cores == 1:
            return notes
        if self.burst < cores:
            notes.append(
                f"one core sends a burst of {self.burst} packets, as there are fewer packets than "
                "cores; render it with --cores 1"
            )
        elif self.burst % cores and self.count != self.burst:
            notes.append(
                f"bursts of {self.burst} packets do not divide among {cores} cores, so the "
                "engine's order is another one from the second burst on"
            )
        return notes
