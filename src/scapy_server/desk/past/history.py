"""The way back: steps, each with what it did and both sides of what it changed.

A step holds only what differs, so that a thousand edits of a capture of a hundred thousand
packets cost a thousand packets, not a hundred million; and of all but the newest steps the
packets are kept as small as they can be brought back from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scapy_server import limits
from scapy_server.desk.errors import DeskError
from scapy_server.desk.packet import Packet, Program
from scapy_server.desk.past.kept import Kept, kept
from scapy_server.desk.past.splices import Splice

#: What a packet of a document is called as long as the document lives.
Key = int

#: So many of the newest steps hold their packets with the field trees, and so many packets one
#: of them at most: going back there asks nothing.


@dataclass(frozen=True)
class Side:
    """What stood in the places that a step changed, before it or after it.

    `packets` has None where there was no packet; `order` makes this side's order of the other
    side's, and is None where both are the same, and so is `program`.
    """

    packets: Mapping[Key, Packet | Kept | None]
    order: Splice[tuple[Key, ...]] | None = None
    program: Program | None = None
    position: int = 0


@dataclass(frozen=True)
class Step:
    """A change of a document, in words, and both of its sides."""

    label: str
    before: Side
    after: Side


class History:
    """Steps that were taken, and those that were taken back."""

    def __init__(self) -> None:
        self._past: list[Step] = []
        self._future: list[Step] = []
        self._saved: int = 0

    @property
    def past(self) -> Sequence[Step]:
        """The steps that undo goes through, the newest last."""
        return tuple(self._past)

    @property
    def future(self) -> Sequence[Step]:
        """The steps that redo goes through, the next one last."""
        return tuple(self._future)

    @property
    def changed(self) -> bool:
        """Whether anything was done, or taken back, since the document was saved."""
        return self._saved != len(self._past)

    def take(self, step: Step) -> None:
        """Remember a step; what was taken back before is gone."""
        self.forget_undone()
        self._past.append(step)
        if len(step.after.packets) > limits.EDITOR_FRESH_PACKETS:
            self._past[-1] = _settled(step)
        if len(self._past) > limits.EDITOR_FRESH_STEPS:
            old = -1 - limits.EDITOR_FRESH_STEPS
            self._past[old] = _settled(self._past[old])

    def forget_undone(self) -> None:
        """What was taken back is gone."""
        if self._saved > len(self._past):
            self._saved = -1  # what was saved can be reached no more
        self._future.clear()

    def join(self) -> None:
        """Make one step of the last two, if both changed the same packets and nothing else."""
        if len(self._past) < 2:
            return
        earlier, later = self._past[-2:]
        same = earlier.before.packets.keys() == later.before.packets.keys()
        plain = earlier.after.order is None is later.after.order
        if same and plain and self._saved != len(self._past) - 1:
            self._past[-2:] = [Step(later.label, earlier.before, later.after)]

    def undo(self) -> Step:
        """The step to take back; DeskError if there is none."""
        if not self._past:
            raise DeskError("there is nothing to undo")
        self._future.append(self._past.pop())
        return self._future[-1]

    def redo(self) -> Step:
        """The step to take again; DeskError if there is none."""
        if not self._future:
            raise DeskError("there is nothing to redo")
        self._past.append(self._future.pop())
        return self._past[-1]

    def begin(self) -> None:
        """What is there now is where the document begins: saved, and with no way back."""
        self._past.clear()
        self._future.clear()
        self._saved = 0

    def saved(self, past: Sequence[Step] | None = None) -> None:
        """What was there after these steps is what the file holds; else what is there now.

        Where another way was taken since, nothing that is there is in the file.
        """
        steps = self._past if past is None else past
        is_behind = len(steps) <= len(self._past) and (
            not steps or self._past[len(steps) - 1] is steps[-1]
        )
        self._saved = len(steps) if is_behind else -1

    def never_saved(self) -> None:
        """What is there now is in no file."""
        self._saved = -1


def _settled(step: Step) -> Step:
    """The step with its packets as small as they can be brought back from."""
    pairs = [
        (key, step.before.packets.get(key), step.after.packets.get(key))
        for key in step.after.packets.keys() | step.before.packets.keys()
    ]
    return Step(
        step.label,
        replace(step.before, packets={key: _small(ours, other) for key, ours, other in pairs}),
        replace(step.after, packets={key: _small(ours, other) for key, other, ours in pairs}),
    )


def _small(ours: Packet | Kept | None, other: Packet | Kept | None) -> Kept | None:
    if isinstance(ours, Packet):
        return kept(ours, other if isinstance(other, Packet) else None)
    return ours
