"""Answers on frames that were read the long way lately, as equal frames have equal answers.

What no plan shows comes again too: retransmissions, beacons, and captures that are read once
more, edited and shown. Bounded by the bytes of frames and answers.

Source: docs/limits.md, "Limits".
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

from scapy_server import limits

#: What keeping an answer takes besides.
_OVERHEAD = 512

_Answer = TypeVar("_Answer")


class Remembered(Generic[_Answer]):
    """The answers by frame and link type; the longest unused goes first."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[bytes, int], tuple[_Answer, int]] = OrderedDict()
        self._bytes = 0

    def get(self, frame: bytes, link_type: int) -> _Answer | None:
        """The answer on a frame, None if it is not known."""
        found = self._answers.get((frame, link_type))
        if found is None:
            return None
        self._answers.move_to_end((frame, link_type))
        return found[0]

    def keep(self, frame: bytes, link_type: int, answer: _Answer, size: int) -> None:
        """Remember an answer of `size` bytes, unless it would take much of the room."""
        cost = len(frame) + size + _OVERHEAD
        if cost > limits.REMEMBERED_FRAME_BYTES // 16 or (frame, link_type) in self._answers:
            return
        self._answers[frame, link_type] = answer, cost
        self._bytes += cost
        while self._bytes > limits.REMEMBERED_FRAME_BYTES:
            self._bytes -= self._answers.popitem(last=False)[1][1]
