"""What a person works on: one packet, how it came to be, and the way back.

Nothing here talks to a server or a terminal. A packet is an immutable snapshot, so that
undoing is a matter of taking an older one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import JsonObject, Program

_MOST_STEPS = 1000


@dataclass(frozen=True)
class PacketState:
    """A packet at one moment.

    `layers` is the field tree that the server gave for `frame`. `model` is what the packet
    is built from; None says that it was dissected and is edited in place. `position` is its
    index in the capture that was opened.
    """

    frame: bytes
    layers: tuple[JsonObject, ...]
    model: tuple[JsonObject, ...] | None
    program: Program = field(default_factory=Program)
    position: int | None = None


#: A packet that was at hand, and which of the captures that were opened it is of, from 1.
_Step = tuple[int, PacketState | None]


class Session:
    """The packet at hand, those before it, and the capture that was opened."""

    def __init__(self) -> None:
        self.current: PacketState | None = None
        self.capture: tuple[PacketState, ...] = ()
        self._opened = 0
        self._of = 0
        self._past: deque[_Step] = deque(maxlen=_MOST_STEPS)
        self._future: list[_Step] = []

    @property
    def packet(self) -> PacketState:
        """The packet at hand; DeskError if there is none."""
        if self.current is None:
            raise DeskError("there is no packet; build, open or hex one, or load a template")
        return self.current

    def become(self, packet: PacketState | None) -> None:
        """Take a step: the packet at hand is this one now, in its capture too."""
        self._step(packet, self._of)

    def undo(self) -> None:
        """Take the last step back; DeskError if there is none."""
        if not self._past:
            raise DeskError("there is nothing to undo")
        self._future.append((self._of, self.current))
        self._hold(self._past.pop())

    def redo(self) -> None:
        """Take a step again that was undone; DeskError if there is none."""
        if not self._future:
            raise DeskError("there is nothing to redo")
        self._past.append((self._of, self.current))
        self._hold(self._future.pop())

    def open(self, capture: Sequence[PacketState]) -> None:
        """Take up a capture, and its first packet; DeskError if it has none."""
        if not capture:
            raise DeskError("the capture has no packets")
        self.capture = tuple(capture)
        self._opened += 1
        self._step(self.capture[0], self._opened)

    def go_to(self, position: int) -> None:
        """Take up another packet of the capture; DeskError if it is not there."""
        if not self.capture:
            raise DeskError("no capture is open")
        if not 0 <= position < len(self.capture):
            raise DeskError(
                f"the capture has the packets 1 to {len(self.capture)}, not {position + 1}"
            )
        self._step(self.capture[position], self._opened)

    def move(self, step: int) -> None:
        """Take up the packet so many further in the capture."""
        if self.current is not None and self.current.position is not None:
            self.go_to(self.current.position + step)
        else:
            self.go_to(0)

    def _step(self, packet: PacketState | None, opened: int) -> None:
        self._past.append((self._of, self.current))
        self._future.clear()
        self._hold((opened, packet))

    def _hold(self, step: _Step) -> None:
        """Have the packet at hand, and in the capture if it is of the one that is open."""
        self._of, self.current = step
        if self._of != self._opened or self.current is None or self.current.position is None:
            return
        at = self.current.position
        if self.capture[at] is not self.current:
            self.capture = (*self.capture[:at], self.current, *self.capture[at + 1 :])
