"""Lost, repeated and reordered packets, from the numbers that they carry.

Source: docs/ports.md, "Latency".
"""

from __future__ import annotations

from dataclasses import dataclass

from scapy_server.services.ports.frames.stamps import FIRST_SEQUENCE, NO_GENERATION, Stamp

_HALF = 1 << 31
_WORD = 0xFFFFFFFF


@dataclass
class Errors:
    """What went wrong with a flow; the names are those that clients read."""

    drp: int = 0
    ooo: int = 0
    dup: int = 0
    sth: int = 0
    stl: int = 0

    def found(self) -> dict[str, int]:
        """Those that happened."""
        return {name: count for name, count in vars(self).items() if count}


@dataclass
class Strangers:
    """Packets that belong to no flow as it is now."""

    old_flow: int = 0
    bad_hdr: int = 0

    def found(self) -> dict[str, int]:
        """Those that happened."""
        return {name: count for name, count in vars(self).items() if count}


class Sequence:
    """The receiving end of a flow."""

    def __init__(self) -> None:
        self.errors = Errors()
        self._generation = self._previous = NO_GENERATION
        self._expected = FIRST_SEQUENCE

    def renewed(self, forget: bool) -> Sequence:
        """The same end for a flow that begins anew, with another generation."""
        following = Sequence()
        if not forget:
            following.errors = self.errors
        following._previous = self._generation
        return following

    def accept(self, stamp: Stamp, strangers: Strangers) -> bool:
        """Count a packet that has arrived; False if it is of another generation."""
        if stamp.generation != self._generation:
            if stamp.generation == self._previous != NO_GENERATION:
                strangers.old_flow += 1
                return False
            if self._generation != NO_GENERATION:
                strangers.bad_hdr += 1
                return False
            self._generation = stamp.generation
        self._compare(stamp.sequence)
        return True

    def _compare(self, sequence: int) -> None:
        ahead = sequence - self._expected & _WORD
        errors = self.errors
        if ahead < _HALF:
            errors.drp += ahead
            errors.sth += ahead > 0
            self._expected = sequence + 1 & _WORD
            return
        errors.stl += 1
        if ahead == _WORD:
            errors.dup += 1
        else:
            errors.ooo += 1
            errors.drp = max(errors.drp - 1, 0)
